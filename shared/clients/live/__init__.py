"""What changes, told at once to whoever listens."""
