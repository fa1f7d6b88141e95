"""What a worker's start may not cost: SDKs are imported when a client is first built (design/architecture.md, cold start)."""

import subprocess
import sys
from pathlib import Path

HEAVY = {"google.cloud.firestore", "google.cloud.firestore_v1", "google.auth", "grpc", "firebase_admin", "azure.storage", "azure.identity",
         "azure.monitor", "opentelemetry.sdk", "pymongo", "bson", "numpy", "datasketches", "duckdb", "httpx", "uvicorn", "standardwebhooks",
         "swagger_ui", "sqlite3", "jwt", "cryptography", "dev"}  # fmt: skip
ROOT = Path(__file__).parents[2]


def test_importing_the_app_imports_no_heavy_sdk():
    loaded = subprocess.run(
        [sys.executable, "-c", "import function_app, sys; print(*sys.modules)"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()

    assert HEAVY.intersection(loaded) == set()
