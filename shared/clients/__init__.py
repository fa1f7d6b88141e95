"""The only place that imports a vendor's SDK: each client is a small port, the real one and its embedded twin."""
