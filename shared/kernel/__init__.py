"""No business nouns and no I/O: what every other package may lean on."""
