"""Whoever takes over a child of the jail sees, writes and reaches nothing; each wall holds where the other is not."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from files import landlock
from files.jail import Jail
from tests.unit.files.attempts import ATTEMPTS, DONE

if TYPE_CHECKING:
    from collections.abc import Generator

OUTCOMES = "tests.unit.files.attempts:outcomes"
ROOT = Path(__file__).parents[3]
MAY = {"read what is to be read", "import what was not yet", "start a thread", "talk to itself", "slow down itself"}

BY_LANDLOCK = {
    **dict.fromkeys(("read secrets", "list folders", "list what lies beside our code"), "EACCES"),
    "list what is to be read": "EACCES",
    **dict.fromkeys(("read memory of the parent", "write a new file", "write over what is given"), "EACCES"),
    **dict.fromkeys(("rename what is given", "remove what is given", "make a folder"), "EACCES"),
    **dict.fromkeys(("start a program", "become a program"), "EACCES"),
}
SINCE = {
    "empty what is given": (3, "EACCES"),
    "reach somebody": (4, "EACCES"),
    "wait for somebody": (4, "EACCES"),
    "kill the parent": (6, "EPERM"),
}
"""What Landlock refuses since which version."""

BY_SECCOMP = {
    **dict.fromkeys(("write a new file", "write over what is given", "empty what is given"), "EPERM"),
    **dict.fromkeys(("rename what is given", "remove what is given", "make a folder"), "EPERM"),
    **dict.fromkeys(("reach somebody", "wait for somebody", "send to somebody"), "EPERM"),
    **dict.fromkeys(("fork", "start a program", "become a program", "kill the parent"), "EPERM"),
    **dict.fromkeys(("look into the parent", "bound the parent", "ask by a ring"), "EPERM"),
    **dict.fromkeys(("slow down the parent", "move the parent", "remove what others share"), "EPERM"),
    **dict.fromkeys(("ask by another convention", "send by a pair of sockets"), "EPERM"),
    **dict.fromkeys(("open as nobody can look at", "clone as nobody can look at"), "ENOSYS"),
}


@pytest.fixture
def told(tmp_path: Path) -> Generator[dict[str, object]]:
    """Return what those who try need to know: a folder with a file, a port that listens, and their parent."""
    (tmp_path / "given").write_bytes(b"given")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {"folder": str(tmp_path), "port": server.getsockname()[1], "parent": os.getpid()}


async def tried(jail: Jail, told: dict[str, object]) -> dict[str, str]:
    found = await jail.run(OUTCOMES, json.dumps(told).encode(), timeout=timedelta(seconds=60))
    await jail.close()
    return json.loads(found)


async def test_nothing_is_done_but_what_reading_needs(told: dict[str, object], tmp_path: Path) -> None:
    found = await tried(Jail([OUTCOMES], reads=[tmp_path]), told)

    assert found == dict.fromkeys(MAY, DONE) | BY_LANDLOCK | BY_SECCOMP
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


async def test_what_is_not_named_is_not_read(told: dict[str, object], tmp_path: Path) -> None:
    found = await tried(Jail([OUTCOMES], reads=[tmp_path / "other"]), told)

    assert found["read what is to be read"] == "EACCES"


async def test_a_jail_that_may_connect_does_and_nothing_more(told: dict[str, object], tmp_path: Path) -> None:
    found = await tried(Jail([OUTCOMES], reads=[tmp_path], may_connect=True), told)

    reached = {name for name in ATTEMPTS if found[name] == DONE} - MAY
    assert reached == {"reach somebody", "send to somebody"}


@pytest.mark.parametrize("wall", ["landlock", "seccomp"])
async def test_each_wall_holds_by_itself(told: dict[str, object], wall: str) -> None:
    command = [sys.executable, "-m", "tests.unit.files.attempts", wall, json.dumps(told)]
    done = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    found = json.loads(done.stdout)

    since = {name: outcome for name, (version, outcome) in SINCE.items() if version <= landlock.version()}
    expected = BY_LANDLOCK | since if wall == "landlock" else BY_SECCOMP
    assert {name: found[name] for name in expected} == expected
    assert {found[name] for name in MAY} == {DONE}
