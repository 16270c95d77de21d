"""A sieve that does to its process what a file says: the worst that a hostile file could do to the true one."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pikepdf

from files.sieve.judge import judge as truly_judge
from files.sieving import JUDGE

if TYPE_CHECKING:
    from datetime import timedelta

    from files.jail import Jail

assert pikepdf.__version__  # loaded when a child starts, not in the time that it has for a file
TROUBLED: Final = "tests.troubled_sieve:judge"
TROUBLES: Final = ("sieve-killed", "sieve-out-of-memory", "sieve-stuck")
MEMORY_BYTES: Final = 256 << 20


def judge(paths: bytes) -> bytes:
    """Judge files, unless one of them is trouble; in the jail."""
    for path in paths.split(b"\0"):
        content = Path(os.fsdecode(path)).read_bytes()
        if b"sieve-killed" in content:
            os.kill(os.getpid(), signal.SIGKILL)
        if b"sieve-out-of-memory" in content:
            bytearray(4 * MEMORY_BYTES)
        while b"sieve-stuck" in content:
            pass
    return truly_judge(paths)


class Troubled:
    """A real jail in which the troubled sieve stands for the true one."""

    def __init__(self, jail: Jail) -> None:
        self._jail = jail

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer, if it gives one."""
        assert function == JUDGE
        return await self._jail.run(TROUBLED, argument, timeout=timeout)
