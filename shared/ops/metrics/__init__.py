"""How the installation fares: what waits, what the stores were asked for, and what of it is too much (docs/operations.md)."""
