"""PDFs as pikepdf writes them: linearized, encrypted."""

from __future__ import annotations

import io
from typing import Literal

import pikepdf


def rewritten(data: bytes, *, linearize: bool = False, packs: bool = False) -> bytes:
    """Return the file as pikepdf would write it."""
    mode = pikepdf.ObjectStreamMode.generate if packs else pikepdf.ObjectStreamMode.disable
    return _saved(data, linearize=linearize, object_stream_mode=mode, deterministic_id=True)


def encrypted(
    data: bytes, allow: pikepdf.Permissions, *, packs: bool = False, user: str = "", revision: Literal[2, 3, 4, 6] = 6
) -> bytes:
    """Return the file encrypted; without *user* it opens for anybody, who may do what is allowed."""
    mode = pikepdf.ObjectStreamMode.generate if packs else pikepdf.ObjectStreamMode.disable
    aes = revision >= 4
    how = pikepdf.Encryption(owner="dueño", user=user, R=revision, allow=allow, aes=aes, metadata=aes)
    return _saved(data, encryption=how, object_stream_mode=mode, static_id=True)


def _saved(data: bytes, **how: object) -> bytes:
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as document:
        document.save(written, **how)  # pyright: ignore[reportArgumentType] - passed on
    return written.getvalue()
