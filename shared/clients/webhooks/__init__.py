"""Signed messages to another system's address."""
