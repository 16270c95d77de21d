"""Pictures that were drawn before, on the disk: bounded in size, the oldest go; what is lost is drawn again."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from files.place import SHA256

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

INCOMING = "incoming"
DIGEST_BYTES = 32


class PictureCache:
    """
    Bytes under the SHA-256 of the content that they show, in a folder that several processes may share.

    Each file begins with its own digest: of what a power cut left half written, or a disk damaged, nothing is shown.
    A process looks at the size of all only after having added a sixteenth of what there may be.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._added_bytes = most_bytes  # what is there is looked at with the first picture
        self._is_shrinking = threading.Lock()

    def get(self, sha256: str, name: str) -> bytes | None:
        """Return what was kept of that content under that name, as being used now; None if there is nothing."""
        path = self._path(sha256, name)
        try:
            kept = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        digest, data = kept[:DIGEST_BYTES], kept[DIGEST_BYTES:]
        if hashlib.sha256(data).digest() != digest:
            path.unlink(missing_ok=True)
            return None
        return data

    def put(self, sha256: str, name: str, data: bytes) -> None:
        """Keep it, if there is room; a disk that takes nothing more is no reason to show nothing."""
        if len(data) * 16 > self._most_bytes:
            return
        path, incoming = self._path(sha256, name), self._folder / INCOMING / uuid4().hex
        try:
            for folder in (path.parent, incoming.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            incoming.write_bytes(hashlib.sha256(data).digest() + data)
            incoming.replace(path)
        except OSError:
            logger.warning("A picture is not kept", exc_info=True, extra={"action": "picture_not_kept"})
            with suppress(OSError):
                incoming.unlink(missing_ok=True)
        self._added_bytes += DIGEST_BYTES + len(data)
        if self._added_bytes * 16 > self._most_bytes:
            self._shrink()

    def forget(self, sha256: str) -> None:
        """Remove all that was kept of a content."""
        for path in self._of(sha256).glob(f"{sha256}-*"):
            path.unlink(missing_ok=True)

    def _of(self, sha256: str) -> Path:
        if not SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hex")
        return self._folder / sha256[:2]

    def _path(self, sha256: str, name: str) -> Path:
        return self._of(sha256) / f"{sha256}-{name}"

    def _shrink(self) -> None:
        """Remove the pictures that were not used for longest, down to seven eighths of what there may be."""
        if not self._is_shrinking.acquire(blocking=False):
            return
        try:
            self._added_bytes = 0
            found = sorted(self._files())
            left = sum(size for _, size, _ in found)
            for _, size, path in found:
                if left * 8 <= self._most_bytes * 7:
                    break
                Path(path).unlink(missing_ok=True)
                left -= size
        finally:
            self._is_shrinking.release()

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """Yield when each file was used last, how long it is, and where it lies; what was cut off is no exception."""
        for folder in self._folder.glob("*"):
            # What is not ours, such as a volume's `lost+found`, or is removed at this moment, is passed over.
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):
                        told = entry.stat()
                        yield told.st_mtime, told.st_size, entry.path
