"""Which Pythons carry the app, and what those are told that do not (docs/decisions/0001)."""

import runpy
import sys
from pathlib import Path

import pytest

CHECK = str(Path(__file__).parents[3] / "dev/check_python.py")


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9)])
def test_these_are_served(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    runpy.run_path(CHECK)


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 13, 0), (3, 14, 1)])
def test_others_are_told_why_and_how_to_name_another(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"3\.11 and 3\.12") as told:
        runpy.run_path(CHECK)
    assert f"this is {version[0]}.{version[1]}" in str(told.value)
    assert "make run PYTHON=python3.12" in str(told.value)
