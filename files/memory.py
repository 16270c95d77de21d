"""How memory is given back to the system: not after each mail or file, only to be asked for again with the next."""

from __future__ import annotations

import ctypes
from typing import Final

KEPT_BYTES: Final = 4 * 2**20
LARGE_BYTES: Final = 2**20
"""A piece of memory this long is asked for, and given back, on its own: longer than any slice of a mail or a file."""

ENVIRONMENT: Final = {"MALLOC_TRIM_THRESHOLD_": str(KEPT_BYTES), "MALLOC_MMAP_THRESHOLD_": str(LARGE_BYTES)}
"""Has a new process keep its memory so (mallopt(3)); other C libraries than GNU's do not look at it."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def keep_memory() -> None:
    """Have this process keep up to 4 MB that it has freed, for what it needs next."""
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_TRIM_THRESHOLD, KEPT_BYTES)
        tune(_M_MMAP_THRESHOLD, LARGE_BYTES)
