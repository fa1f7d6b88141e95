"""What every area needs to be run."""
