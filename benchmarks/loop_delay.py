"""
How late the event loop comes to what is due.

The kernel ticks (timerfd_create(2)), for a loop's own timers are no clock: they are kept in whole milliseconds, so that
any event while the loop sleeps, even one that costs nothing, puts the next of them off by up to one. A tick that the
loop misses counts as well, from its own time.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Generator

TICK_NANOSECONDS: Final = 1_000_000
_SECOND: Final = 1_000_000_000
_ABSOLUTE: Final = 1


async def delays(seconds: float) -> list[float]:
    """Return how late the loop was at each tick of a millisecond, in milliseconds."""
    late, due = list[float](), time.monotonic_ns()
    with _ticking(due) as ticks:

        def come() -> None:
            nonlocal due
            for _ in range(int.from_bytes(os.read(ticks, 8), "little")):
                due += TICK_NANOSECONDS
                late.append((time.monotonic_ns() - due) / 1e6)

        asyncio.get_running_loop().add_reader(ticks, come)
        await asyncio.sleep(seconds)
        asyncio.get_running_loop().remove_reader(ticks)
    return late


@contextmanager
def _ticking(start: int) -> Generator[int]:
    """Lend a file that can be read at each tick after *start*, and then says how many there were since."""
    libc = ctypes.CDLL(None, use_errno=True)
    ticks = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    first = divmod(start + TICK_NANOSECONDS, _SECOND)
    every_and_first = (ctypes.c_long * 4)(0, TICK_NANOSECONDS, *first)
    if ticks < 0 or libc.timerfd_settime(ticks, _ABSOLUTE, every_and_first, None) < 0:
        raise OSError(ctypes.get_errno(), "there is no timer")
    try:
        yield ticks
    finally:
        os.close(ticks)
