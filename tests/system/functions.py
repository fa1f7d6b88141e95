"""The functions of the app as it says itself, and as Microsoft's own library lists those of a folder."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import function_app

ROOT = Path(__file__).parents[2]


@cache
def bindings():
    """Every function with its bindings, as the app object tells them (once: a second listing is an error)."""
    return {
        f.get_function_name(): [b.get_dict_repr() for b in f.get_bindings()]
        for f in function_app.app.get_functions()
    }


def indexed(folder):
    """What Azure's own library lists of an app folder: the bindings of each function."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("hosted_indexer.py")), str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
