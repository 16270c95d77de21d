"""How many pages a PDF has, counted in the jail: what was handed in may be damaged, locked or hostile."""

from __future__ import annotations

import json
import logging
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from files.jail import JailBroken, JailFailed, JailFull
from rules.files import PagesProblem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from files.store import Store

logger = logging.getLogger(__name__)

COUNT = "files.pages:count"
COUNT_TIME = timedelta(seconds=15)


def count(paths: bytes) -> bytes:
    """Return as JSON how many pages each of the files has, NUL between them, or why it cannot be told; in the jail."""
    return json.dumps([_count(os.fsdecode(path)) for path in paths.split(b"\0")]).encode()


def _count(path: str) -> dict[str, object]:
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True) as document:
            found = len(document.pages)
    except pikepdf.PasswordError:
        return _said(problem=PagesProblem.ENCRYPTED)
    except pikepdf.PdfError:
        return _said(problem=PagesProblem.DAMAGED)
    return _said(pages=found) if found else _said(problem=PagesProblem.EMPTY)


def _said(*, pages: int | None = None, problem: PagesProblem | None = None) -> dict[str, object]:
    return {"pages": pages, "problem": problem}


class Runner(Protocol):
    """Runs a named `bytes -> bytes` function outside this process."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer, or raise if it took longer than *timeout* or failed."""
        ...


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a file: their number, or why it is not known; both None for what is no PDF."""

    number: int | None = None
    problem: PagesProblem | None = None


@dataclass(frozen=True, slots=True)
class PageCounter:
    """Counts the pages of stored PDFs."""

    runner: Runner
    store: Store

    async def count(self, sha256: str) -> Pages:
        """Return the pages of a stored PDF; whatever goes wrong is a problem of the file's, never a failure of ours."""
        [pages] = await self.count_all([sha256])
        return pages

    async def count_all(self, digests: Sequence[str]) -> list[Pages]:
        """Do so for several at once."""
        async with AsyncExitStack() as stack:
            paths = [await stack.enter_async_context(self.store.as_file(sha256)) for sha256 in digests]
            return await self.count_files(paths)

    async def count_files(self, paths: Sequence[Path]) -> list[Pages]:
        """Do so for files wherever they lie; if one of them takes the others down, each is counted alone."""
        argument = b"\0".join(os.fsencode(path) for path in paths)
        try:
            said = json.loads(await self.runner.run(COUNT, argument, timeout=COUNT_TIME)) if paths else []
        except (JailFailed, JailFull, JailBroken) as error:
            if isinstance(error, JailFailed) and len(paths) > 1:
                return [(await self.count_files([path]))[0] for path in paths]
            logger.warning(
                "The pages of a file are not counted", extra={"action": "pages_not_counted", "why": str(error)}
            )
            return [Pages(problem=PagesProblem.NOT_COUNTED) for _ in paths]
        return [Pages(each["pages"], PagesProblem(each["problem"]) if each["problem"] else None) for each in said]
