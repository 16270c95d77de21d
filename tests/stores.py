"""The store as tests damage it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from files.folder import Folder
from files.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def path_of(store: Store, sha256: str) -> Path:
    """Return the file in a plain folder that a content is."""
    path = store.place.path(sha256)
    assert path is not None
    return path


def store_in(folder: Path) -> Store:
    """Return the store whose plain files lie in *folder*."""
    return Store(Folder(folder))
