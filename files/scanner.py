"""The antivirus as the counter uses it: a file is asked about first, then what is inside; a bound on all of it."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from files.antivirus import Answer, worse
from files.antivirus_probes import faults_of
from files.extracts.room import MOST_SECONDS
from files.jail import JailBroken, JailFailed, JailFull
from rules.verdicts import SIGNATURE_MAX_LENGTH, Finding, Judgement, Scan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from files.antivirus import Clamd
    from files.sieving import Runner

logger = logging.getLogger(__name__)

FILE: Final = "files.extracts.asking:scan_file"
INSIDE: Final = "files.extracts.asking:scan_inside"
"""What the jail must be allowed to run."""

AT_ONCE: Final = 2
"""So many files are asked about at the same time: as many cells the jail has."""
WAIT_SECONDS: Final = 20.0
"""So long a file waits for its turn; then it is scanned later."""
REST_SECONDS: Final = 30.0
"""So long nobody is made to wait for a clamd that did not answer; then it is asked whether it is back."""

PENDING: Final = Answer(Scan.PENDING)
PICTURES: Final = ("jpg", "png")
TOO_MUCH: Final = frozenset({"MemoryError", "timeout"})
"""How the jail says that it took too much to look into a file; however else a call ends, it is tried again later."""


class Scanner:
    """Asks *clamd* from within the jail *runner*: neither files nor what is inside them come into this process."""

    def __init__(
        self, clamd: Clamd, runner: Runner, *, at_once: int = AT_ONCE, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._clamd = clamd
        self._runner = runner
        self._turns = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds
        self._rests_until: float | None = None

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """
        Return what is said of each file, which the sieve has found to be that, and what is called what was found.

        Never raises: what cannot be asked now is pending, and that was logged.
        """
        pairs = zip(paths, judgements, strict=True)
        said = await asyncio.gather(*(self._in_turn(path, judgement) for path, judgement in pairs))
        return [(answer.scan, answer.signature) for answer in said]

    async def answers(self) -> bool:
        """Say whether clamd is there; if it is not, nobody waits for it until it is asked again."""
        is_there = await asyncio.to_thread(self._clamd.answers)
        was_away = self._rests_until is not None
        self._rests_until = None if is_there else asyncio.get_running_loop().time() + REST_SECONDS
        if is_there and was_away:
            logger.info("The antivirus answers again", extra={"action": "antivirus_back"})
        elif not (is_there or was_away):
            logger.error("The antivirus does not answer", extra={"action": "antivirus_away"})
        return is_there

    async def faults(self) -> list[str]:
        """Return a sentence for each thing about clamd that is not as it should be, for those who run the counter."""
        return await asyncio.to_thread(faults_of, self._clamd)

    async def _in_turn(self, path: Path, judgement: Judgement) -> Answer:
        if await self._is_away():
            return PENDING
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turns.acquire()
        except TimeoutError:
            return _logged(Answer(Scan.PENDING, trouble="too many at once"))
        try:
            return PENDING if await self._is_away() else _logged(await self._ask(path, judgement))
        finally:
            self._turns.release()

    async def _is_away(self) -> bool:
        if self._rests_until is None:
            return False
        return asyncio.get_running_loop().time() < self._rests_until or not await self.answers()

    async def _ask(self, path: Path, judgement: Judgement) -> Answer:
        said = await self._run(FILE, path, seconds=0, if_too_much=Scan.PENDING)
        if said.scan is Scan.PENDING:
            await self.answers()
        if said.scan in (Scan.PENDING, Scan.INFECTED) or not _may_hold_others(judgement):
            return said
        return worse(said, await self._run(INSIDE, path, seconds=MOST_SECONDS, if_too_much=Scan.PARTLY))

    async def _run(self, function: str, path: Path, *, seconds: float, if_too_much: Scan) -> Answer:
        """Run a function, which may itself take so long besides what one question to clamd takes."""
        request = json.dumps([str(self._clamd.address), asdict(self._clamd.patience), str(path)]).encode()
        timeout = timedelta(seconds=seconds + self._clamd.patience.for_one)
        try:
            return _understood(await self._runner.run(function, request, timeout=timeout))
        except JailFailed as error:
            return Answer(if_too_much if error.kind in TOO_MUCH else Scan.PENDING, trouble=error.kind)
        except (JailFull, JailBroken) as error:
            return Answer(Scan.PENDING, trouble=type(error).__name__)


def _understood(said: bytes) -> Answer:
    """
    Return what the child says.

    Raises:
        JailFailed: it is no answer. What a file made of the child that looked into it may say anything.
    """
    try:
        scan, signature, trouble = json.loads(said)
        answer = Answer(Scan(scan), signature, trouble)
    except (ValueError, TypeError, RecursionError) as error:
        raise JailFailed("nonsense") from error
    if not (_is_name(answer.signature) and _is_name(answer.trouble)):
        raise JailFailed("nonsense")
    return answer


def _is_name(text: object) -> bool:
    """Say whether it is none, or one that can be kept and shown."""
    return text is None or (isinstance(text, str) and len(text) <= SIGNATURE_MAX_LENGTH and text.isprintable())


def _logged(answer: Answer) -> Answer:
    if answer.trouble is not None:
        told = {"action": "file_not_scanned", "why": answer.trouble}
        logger.warning("The antivirus did not see all of a file: %s", answer.trouble, extra=told)
    return answer


def _may_hold_others(judgement: Judgement) -> bool:
    """Say whether others may be inside of it: not of a picture that is nothing else."""
    return judgement.kind not in PICTURES or Finding.DISGUISED in judgement.findings
