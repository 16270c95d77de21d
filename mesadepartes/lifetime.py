"""How a part's life ends: told to stop, it finishes what it has in hand, within a limit."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 20.0
CUT_SECONDS = 2.0
PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have this process killed the moment its *parent* ends; ends it at once when that has happened already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("The process that started this one has ended.")


def stop_on_signals() -> asyncio.Event:
    """Return what is set by SIGTERM, SIGINT (Ctrl-C) or SIGHUP (the terminal is gone)."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopping.set)
    return stopping


async def work_until(
    stopping: asyncio.Event, work: Coroutine[object, object, None], *, told: Callable[[], None] | None = None
) -> None:
    """
    Do *work* until *stopping* is set; then tell it (by *told*, else by cancelling it), and give it 20 seconds to end.

    What is still in hand after that is cut: leases expire, and another worker takes it up.
    """
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    stopping.set()
    (told or working.cancel)()
    done, _ = await asyncio.wait({working}, timeout=DRAIN_SECONDS)
    if not done:
        logger.warning("Cut what was in hand after %d seconds", DRAIN_SECONDS, extra={"action": "drain_cut"})
        working.cancel()
        await asyncio.wait({working}, timeout=CUT_SECONDS)
    if working.done() and not working.cancelled():
        working.result()
