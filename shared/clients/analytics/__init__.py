"""Collections of figures: the port, MongoDB, and its embedded twin."""
