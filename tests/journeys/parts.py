"""Parts of the counter as processes, as an administrator runs them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.seals import seal_environ

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Mapping

ROOT = Path(__file__).resolve().parents[2]
END_SECONDS = 60.0
INSTITUTION = {
    "MESA_MAIL_ADDRESS": "mesadepartes@example.pe",
    "MESA_ENTITY_NAME": "Instituto Nacional Penitenciario",
    "MESA_SECRET_KEY": "nobody guesses this key of a test",
    "MESA_SECOND_FACTOR_KEYS": "nobody guesses this other key of a test",
    "MESA_SECURITY_CHECK_WORK": "4",
    **seal_environ(),
}


@asynccontextmanager
async def part(*words: str, environ: Mapping[str, str], module: str = "mesadepartes") -> AsyncGenerator[Process]:
    """Run `mesadepartes`, or another *module*, with *words* as long as the block lasts; what still runs is killed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *words, cwd=ROOT, env={**inherited, **environ}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def end(process: Process, number: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal, wait for the end, return the exit code."""
    process.send_signal(number)
    return await asyncio.wait_for(process.wait(), END_SECONDS)
