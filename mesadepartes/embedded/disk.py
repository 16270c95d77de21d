"""Files that are on the disk, and not only on their way to it, when the function returns."""

from __future__ import annotations

import os
from pathlib import Path

from mesadepartes.embedded.keeper import Servant


def write_private(path: Path, content: bytes, *, owner: Servant | None = None) -> None:
    """Write a file that only its owner (ourselves, if none is named) reads, whole or not at all, and sync it."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        if owner and os.geteuid() == 0:
            os.fchown(file.fileno(), owner.uid, owner.gid)
    draft.rename(path)


def sync_folder(folder: Path) -> None:
    """See the names in *folder* on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
