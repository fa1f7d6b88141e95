"""Refuse to test «on real stores» without them: a missing address is an error, never a skip (local-stack.md)."""

import os
import sys

NEEDED = ("FIRESTORE_EMULATOR_HOST", "AZURITE_CONNECTION_STRING", "MONGODB_URI")

missing = [name for name in NEEDED if not os.environ.get(name)]
if missing:
    sys.exit(
        f"These stores have no address: {', '.join(missing)}.\n"
        "Start them with `docker compose -f dev/compose.yaml up -d` and name them as its head says, or bring your own."
    )
