"""What the sieve finds of files, asked in the jail: whatever a file does to it there is a finding, never a failure."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from files.jail import JailBroken, JailFailed, JailFull
from rules.files import FILE_KINDS
from rules.verdicts import NOT_JUDGED, Judgement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

JUDGE = "files.sieve.judge:judge"
JUDGE_TIME = timedelta(seconds=10)
QUEUE_TIME = timedelta(seconds=20)
"""Whoever hands a file in waits for it: what is judged later, because others hold the sieve up, is received now."""

MOST_PAGES = 2**31


class Runner(Protocol):
    """Runs a named `bytes -> bytes` function outside this process."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer, or raise if it took longer than *timeout* or failed."""
        ...


@dataclass(frozen=True, slots=True)
class Sieve:
    """Judges files wherever they lie, of which nobody changes a byte meanwhile."""

    runner: Runner
    judge_time: timedelta = JUDGE_TIME
    queue_time: timedelta = QUEUE_TIME

    async def judge(self, paths: Sequence[Path]) -> list[Judgement]:
        """Return what each file is found to be, all of them in one call; if one takes the others down, each alone."""
        if not paths:
            return []
        try:
            return await self._ask(paths)
        except (JailFailed, JailFull, JailBroken, TimeoutError) as error:
            if isinstance(error, JailFailed) and len(paths) > 1:
                return [judgement for path in paths for judgement in await self.judge([path])]
            logger.warning(
                "Files are not judged",
                extra={"action": "files_not_judged", "files": len(paths), "why": str(error) or type(error).__name__},
            )
            return [NOT_JUDGED] * len(paths)

    async def _ask(self, paths: Sequence[Path]) -> list[Judgement]:
        argument = b"\0".join(os.fsencode(path) for path in paths)
        async with asyncio.timeout((self.queue_time + self.judge_time).total_seconds()):
            said = await self.runner.run(JUDGE, argument, timeout=self.judge_time)
        try:
            return [_understood(values) for _, values in zip(paths, json.loads(said), strict=True)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            # What a file made of the child that looked at it may answer anything.
            raise JailFailed("nonsense") from error


def _understood(values: Mapping[str, Any]) -> Judgement:
    judgement = Judgement.from_values(values)
    if judgement.kind not in (None, *FILE_KINDS):
        raise ValueError("no kind of file")
    # No `in range(...)`, which goes through all of them for what is no number.
    if judgement.pages is not None and not (type(judgement.pages) is int and 0 <= judgement.pages < MOST_PAGES):
        raise ValueError("no number of pages")
    return judgement
