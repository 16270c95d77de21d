"""The house stands: our rooms are the ones loaded, and each holds only what it says."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "service"}


@pytest.mark.parametrize("room", ROOMS)
def test_the_room_that_is_loaded_is_ours(room: str) -> None:
    found = importlib.import_module(room).__file__

    assert found is not None
    assert Path(found).is_relative_to(ROOT / room)


def test_each_package_says_what_it_is_in_one_line() -> None:
    packages = [path for room in ROOMS for path in (ROOT / room).rglob("__init__.py")]

    for path in packages:
        first = path.read_text().splitlines()[0]
        assert first.startswith('"""'), path
        assert first.endswith('"""'), path


def test_no_module_has_a_name_that_takes_anything() -> None:
    names = {path.stem for room in ROOMS for path in (ROOT / room).rglob("*.py")}

    assert not names & FORBIDDEN_NAMES


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "mesadepartes"])
def test_only_the_shell_reads_the_environment(room: str) -> None:
    readers = [path.name for path in (ROOT / room).rglob("*.py") if "os.environ" in path.read_text()]

    assert readers == []
