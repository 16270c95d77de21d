"""A file as one piece of memory, whether it lies on the disk or came out of an archive."""

from __future__ import annotations

import io
import mmap
from typing import BinaryIO


def mapped(file: BinaryIO, size: int) -> mmap.mmap:
    """Return it as memory that the system reads as it is needed; of bytes in memory, a copy."""
    if not isinstance(file, io.BytesIO):
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    data = mmap.mmap(-1, size)
    data[:] = file.getvalue()
    return data
