"""Visits off the answer's path (docs/decisions/0007): buffer, queue, worker, staging."""
