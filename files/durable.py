"""What a disk has taken for good, and how it says that it cannot."""

from __future__ import annotations

import ctypes
import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from files.place import StoreFull, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime
    from pathlib import Path

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
OUT_OF_ORDER = frozenset({errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENODEV, errno.ESTALE, errno.EMFILE})

SYNC_FILE_RANGE_WRITE = 2
_sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None)
"""sync_file_range(2), of Linux; it makes nothing durable."""
if _sync_file_range is not None:
    _sync_file_range.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)


@contextmanager
def disk_failures() -> Generator[None]:
    """Tell a full disk, and one that is out of order, from what a caller may expect of one, such as a missing file."""
    try:
        yield
    except StoreUnavailable:
        raise
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(error.errno, "there is no room on the disk") from error
        if error.errno in OUT_OF_ORDER:
            raise StoreUnavailable(error.errno, f"the disk is out of order: {error.strerror}") from error
        raise


def fsync(path: Path | str) -> None:
    """Make a file or a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def begin_writing(descriptor: int, start: int, length: int) -> None:
    """Have the system begin to write a part of a file to the disk, without waiting; where it cannot, it is no loss."""
    if _sync_file_range is not None:
        _sync_file_range(descriptor, start, length, SYNC_FILE_RANGE_WRITE)


def make_durable_folder(folder: Path) -> None:
    """Make *folder* and those above it, each durable in the one above."""
    if folder.is_dir():
        return
    make_durable_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    fsync(folder.parent)


def remove_older(folder: Path, *, before: datetime) -> int:
    """Remove the files of *folder* last written before that instant; return how many."""
    removed = 0
    for path in folder.glob("*"):
        try:
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
        except FileNotFoundError:
            continue  # finished, or removed by somebody else, meanwhile
    return removed
