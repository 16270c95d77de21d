"""The sieve asked for several files at once: each on its own account, whatever another one does to the jail."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from files.jail import Jail, JailBroken, JailFailed, JailFull, JailTimeout
from files.sieve.judge import judge
from files.sieving import JUDGE, Sieve
from rules.files import PagesProblem
from rules.verdicts import NOT_JUDGED, Finding, Judgement
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from pathlib import Path

TWO_PAGES, DAMAGED = Judgement("pdf", 2), Judgement("pdf", None, PagesProblem.DAMAGED, (Finding.DAMAGED,))


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Return a PDF of two pages, and one that is none but in name."""
    made = pikepdf.new()
    made.add_blank_page()
    made.add_blank_page()
    made.save(tmp_path / "whole.pdf")
    (tmp_path / "carta.pdf").write_bytes(b"%PDF-1.7\n")
    return [tmp_path / "whole.pdf", tmp_path / "carta.pdf"]


class Troubled:
    """A jail that fails as it is told for what it does not like, and answers the rest."""

    def __init__(self, error: Exception, *, disliked: bytes) -> None:
        self._error = error
        self._disliked = disliked

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer."""
        assert function == JUDGE
        assert timeout > timedelta()
        if self._disliked in argument:
            raise self._error
        return judge(argument)


async def test_several_files_are_judged_in_one_call(paths: list[Path]) -> None:
    jail = Jail([JUDGE], reads=ANYWHERE)
    try:
        assert await Sieve(jail).judge(paths) == [TWO_PAGES, DAMAGED]
        assert await Sieve(jail).judge([]) == []
    finally:
        await jail.close()


@pytest.mark.parametrize("error", [JailFailed("crash"), JailFailed("MemoryError"), JailTimeout()])
async def test_a_file_that_takes_the_jail_down_is_not_judged_and_the_others_are(
    paths: list[Path], error: JailFailed
) -> None:
    assert await Sieve(Troubled(error, disliked=b"carta")).judge(paths) == [TWO_PAGES, NOT_JUDGED]


@pytest.mark.parametrize("error", [JailFull(), JailBroken("no process")])
async def test_without_a_jail_nothing_is_judged_and_nothing_fails(paths: list[Path], error: Exception) -> None:
    assert await Sieve(Troubled(error, disliked=b"pdf")).judge(paths) == [NOT_JUDGED] * 2


class Full:
    """A jail in which others wait for ever."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Never return."""
        return await asyncio.Future[bytes]()


async def test_nobody_waits_for_ever_behind_others(paths: list[Path]) -> None:
    short = timedelta(milliseconds=1)

    assert await Sieve(Full(), judge_time=short, queue_time=short).judge(paths) == [NOT_JUDGED] * 2


class Subverted:
    """A jail in which a file has got hold of the child, which answers what the file likes."""

    def __init__(self, said: object) -> None:
        self._said = said

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return what was told."""
        return self._said if isinstance(self._said, bytes) else json.dumps(self._said).encode()


def said(**changes: Any) -> list[dict[str, Any]]:
    """Return what a sieve says of one file, but for changes."""
    return [Judgement("pdf", 1).values() | changes]


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff",
        b"[" * 200_000,
        b"{}",
        [],
        {},
        3,
        [3],
        said() * 2,
        said(kind="x" * 1000),
        said(kind=["pdf"]),
        said(pages="many"),
        said(pages=2**31),
        said(pages=-1),
        said(problem="ODD"),
        said(findings=["SWEET"]),
        said(findings=3),
    ],
)
async def test_an_answer_that_is_none_is_no_judgement(paths: list[Path], answer: object) -> None:
    assert await Sieve(Subverted(answer)).judge(paths[:1]) == [NOT_JUDGED]
