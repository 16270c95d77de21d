"""Commands of the program, as somebody types them at the machine, without the second that it takes to load it."""

from __future__ import annotations

import asyncio
import atexit
import json
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.journeys.parts import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE_SECONDS = 120.0
PROGRAM = "tests.servers.warm_program"


class Ended(NamedTuple):
    """How a command ended: its exit code, and what it said to standard output and to standard error."""

    code: int
    said: str
    complained: str


async def command(*words: str, environ: Mapping[str, str], typed: str = "") -> Ended:
    """Run `mesadepartes` with *words* to its end, with nothing in its environment but *environ*."""
    return await asyncio.to_thread(_run, words, dict(environ), typed, is_told_apart=True)


async def all_said(*words: str, environ: Mapping[str, str], typed: str = "") -> tuple[int, str]:
    """Do so; return the exit code and all that it said, in the order in which it was said."""
    ended = await asyncio.to_thread(_run, words, dict(environ), typed, is_told_apart=False)
    return ended.code, ended.said


def _run(words: tuple[str, ...], environ: dict[str, str], typed: str, *, is_told_apart: bool) -> Ended:
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as complained,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as program,
    ):
        given.write(typed.encode())
        given.seek(0)
        program.settimeout(PATIENCE_SECONDS)
        program.connect(str(_warm() / "program"))
        told = json.dumps({"words": words, "environ": environ}).encode()
        files = (given, said, complained if is_told_apart else said)
        socket.send_fds(program, [told], [each.fileno() for each in files])
        code = int(program.recv(16))
        said.seek(0)
        complained.seek(0)
        return Ended(code, said.read().decode(), complained.read().decode())


@cache
def _warm() -> Path:
    """Start what has the program loaded, for as long as this process lives; return the folder where it listens."""
    folder = tempfile.TemporaryDirectory(prefix="mesa-program-")
    program = subprocess.Popen(
        [sys.executable, "-m", PROGRAM, f"{folder.name}/program"], cwd=ROOT, stdout=subprocess.PIPE
    )

    def end() -> None:
        program.kill()
        program.communicate()
        folder.cleanup()

    atexit.register(end)
    assert program.stdout is not None
    assert program.stdout.readline() == b"ready\n"
    return Path(folder.name)
