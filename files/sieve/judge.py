"""The door of the sieve, inside the jail: which module looks at a file, and what is said if none can."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import BinaryIO

from rules.files import PagesProblem
from rules.verdicts import Finding, Judgement

VERSION = 1
"""Goes up when something is found that was not: what was judged by less is then judged again, little by little."""

Look = Callable[[BinaryIO, int], Judgement]
"""
Looks at an open file of so many bytes and never raises on any content: what cannot be read is damaged. Kills, time-outs
and MemoryError are the jail's to notice.
"""


def judge(paths: bytes) -> bytes:
    """Return as JSON what each of the files is found to be (`Judgement.values`), NUL between the paths; in the jail."""
    return json.dumps([_judge(os.fsdecode(path)).values() for path in paths.split(b"\0")]).encode()


def _judge(path: str) -> Judgement:
    with open(path, "rb") as file:  # noqa: PTH123 - in the jail nothing is gained by a Path
        size = os.fstat(file.fileno()).st_size
        head = file.read(1024 + 4)
        file.seek(0)
        for mark, look in _looks():
            if head.startswith(mark):
                return look(file, size)
        if b"%PDF-" in head:
            return _count(path)
    return Judgement()


def _count(path: str) -> Judgement:
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            found = len(document.pages)
    except pikepdf.PasswordError:
        return _troubled(PagesProblem.ENCRYPTED)
    except pikepdf.PdfError:
        return _troubled(PagesProblem.DAMAGED)
    return Judgement("pdf", found) if found else _troubled(PagesProblem.EMPTY)


def _troubled(problem: PagesProblem) -> Judgement:
    return Judgement("pdf", None, problem, (Finding(problem),))


def _looks() -> list[tuple[tuple[bytes, ...], Look]]:
    """Return which module looks at what begins so. Imported here: the parent imports this module for its name alone."""
    return []
