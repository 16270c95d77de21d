"""The door of the sieve, inside the jail: which module looks at a file, and what is said if none can."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import BinaryIO

from files.sieve import marks
from rules.files import HEAD_BYTES
from rules.verdicts import Finding, Judgement, in_order

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
        return judge_file(file, os.fstat(file.fileno()).st_size)


def judge_file(file: BinaryIO, size: int) -> Judgement:
    """
    Return what an open file of *size* bytes is found to be.

    What is of no kind that the counter takes is not what its name says, whatever that is: the names are checked before.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    look = _look_for(head)
    if look is not None:
        return look(file, size)
    if not head:
        return Judgement(findings=(Finding.EMPTY,))
    return Judgement(findings=in_order([Finding.OTHER_KIND, *([Finding.PROGRAM] if marks.is_program(head) else [])]))


def _look_for(head: bytes) -> Look | None:
    """Say who looks at what begins so. Each is imported when it is needed: who only names this module pays nothing."""
    if head.startswith(marks.ZIP):
        from files.sieve import zips

        return zips.look
    if head.startswith(marks.RAR):
        from files.sieve import rars

        return rars.look
    if head.startswith(marks.OLE):
        from files.sieve import ole

        return ole.look
    if head.startswith((*marks.PNG, *marks.JPEG)):
        from files.sieve import pictures

        return pictures.look
    if marks.PDF in head:
        from files.sieve import pdf

        return pdf.look
    return None
