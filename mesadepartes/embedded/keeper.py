"""Parent side of a server that must not outlive us: starts it on the leash, from a thread that lives as we do."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from mesadepartes.embedded import leash

GLANCE_SECONDS = 0.02
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Servant:
    """The user a server runs as: ourselves, or `nobody` when we are root, whom PostgreSQL refuses to serve."""

    uid: int
    gid: int


class Kept:
    """
    A running server process.

    The death signal belongs to the *thread* that forked, not to the process. The thread made here does nothing but fork
    and wait, so the server ends when this process ends and never because some worker thread did.
    """

    def __init__(self, command: list[str], *, servant: Servant, cwd: Path, output: IO[bytes]) -> None:
        self._command = leashed(command, servant)
        self._cwd = cwd
        self._output = output
        self._ended = threading.Event()
        started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()
        threading.Thread(target=self._keep, args=(started,), name="keeper", daemon=True).start()
        process = started.get()
        if isinstance(process, OSError):
            raise process
        self._process = process

    def _keep(self, started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError]) -> None:
        try:
            process = subprocess.Popen(  # noqa: S603 - the command comes from our own launcher
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                cwd=self._cwd,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        except OSError as error:
            started.put(error)
            return
        started.put(process)
        process.wait()
        self._ended.set()

    @property
    def pid(self) -> int:
        """Id of the process; the same before and after the leash's exec."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """True once the process is gone and reaped."""
        return self._ended.is_set()

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process is gone."""
        if not self.has_ended:
            self._process.send_signal(number)

    async def end(self, timeout: timedelta) -> bool:
        """Wait until the process is gone; False when *timeout* passes first."""
        return await until(lambda: self.has_ended, timeout)


async def until(
    condition: Callable[[], bool], timeout: timedelta = timedelta.max, *, glance_seconds: float = GLANCE_SECONDS
) -> bool:
    """Wait until *condition* holds, looking now and then; False when *timeout* passes first."""
    deadline = time.monotonic() + timeout.total_seconds()
    while not (holds := condition()) and time.monotonic() < deadline:  # noqa: ASYNC110 - processes set no Event
        await asyncio.sleep(glance_seconds)
    return holds


def leashed(command: list[str], servant: Servant) -> list[str]:
    """Return *command* wrapped so that it runs as *servant* and ends with this process."""
    script = str(Path(leash.__file__).resolve())
    return [sys.executable, "-I", "-S", script, str(os.getpid()), str(servant.uid), str(servant.gid), *command]
