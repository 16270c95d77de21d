"""Keeps the parts of the counter running as processes of their own: started again when they end, stopped in order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import mesadepartes
from mesadepartes.variables import WRONG_SETTINGS_EXIT

if TYPE_CHECKING:
    from collections.abc import Mapping

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 25.0


class PartFailed(Exception):
    """A part that is needed has ended for good."""

    def __init__(self, name: str) -> None:
        super().__init__(f"La parte «{name}» no pudo trabajar; el motivo está más arriba.")


class Part:
    """
    One part: a child process that dies with this one, whatever kills it.

    It has a session of its own, so that Ctrl-C reaches only us and we stop the parts in order.
    """

    def __init__(self, name: str, *words: str, environ: Mapping[str, str]) -> None:
        self.name = name
        self._words = words
        # The child imports the packages that we do, in whatever folder it is run.
        self._environ = {**environ, "PYTHONPATH": str(Path(mesadepartes.__file__).resolve().parents[1])}
        self._process: asyncio.subprocess.Process | None = None

    async def run_once(self) -> None:
        """
        Run the part to its end.

        Raises:
            PartFailed: it ended with an error.
        """
        if await self._run() != 0:
            raise PartFailed(self.name)

    async def keep(self) -> None:
        """
        Run the part, and start it again whenever it ends, until cancelled; `stop` then ends it.

        Raises:
            PartFailed: starting it again would not help.
        """
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            code = await self._run()
            if code == WRONG_SETTINGS_EXIT:
                raise PartFailed(self.name)
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            logger.error("%s ended (%d), again in %.1f s", self.name, code, pause, extra={"action": "part_ended"})
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _run(self) -> int:
        command = [sys.executable, "-P", "-m", "mesadepartes", "--with-parent", str(os.getpid()), *self._words]
        # From the main thread: the kernel's death signal belongs to the thread that forks.
        self._process = await asyncio.create_subprocess_exec(
            *command, env=self._environ, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the part to finish what it has in hand, and wait for its end; after 25 seconds it is killed."""
        if self._process is None:
            return
        self._send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            logger.error("%s did not end and was killed", self.name, extra={"action": "part_killed"})  # noqa: TRY400
            self._send(signal.SIGKILL)
            await self._process.wait()

    def kill(self) -> None:
        """End the part at once."""
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            try:
                self._process.send_signal(number)
            except ProcessLookupError:
                return
