"""A folder of received mail, one file each, that survives a crash at any moment."""

from __future__ import annotations

import os
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from mesadepartes.embedded.disk import sync_folder

UNFINISHED = ".tmp"
MAIL = ".eml"
NANOSECONDS = 1_000_000_000


class Spool:
    """
    The mail in one folder. Its names sort by arrival: `20261125T152804.123456789Z-9f86d081.eml`.

    Every method blocks on the disk.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder, and remove what a crash left half written: nobody was told that it arrived."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in self.folder.glob("*" + UNFINISHED):
            path.unlink()

    def keep(self, content: bytes) -> Path:
        """Store one mail, byte by byte as it came; when this returns it is on the disk under its final name."""
        path = self.folder / (new_name() + MAIL)
        draft = path.with_suffix(UNFINISHED)
        try:
            with draft.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            draft.unlink(missing_ok=True)  # on a full disk, half a mail would keep it full
            raise
        draft.rename(path)
        sync_folder(self.folder)
        return path

    def kept(self) -> list[Path]:
        """Return all mail in the order of its arrival."""
        return sorted(self.folder.glob("*" + MAIL))


def new_name() -> str:
    """Return a name that sorts by the time of day and that no other process will choose."""
    now = time.time_ns()
    seconds = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // NANOSECONDS))
    return f"{seconds}.{now % NANOSECONDS:09d}Z-{secrets.token_hex(4)}"


def arrived_at(path: Path) -> datetime:
    """Return the second at which a mail arrived, from its name; from the file's time if someone else named it."""
    try:
        return datetime.strptime(path.name.split(".")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
