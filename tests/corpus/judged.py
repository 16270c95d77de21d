"""How the samples of archives are expected to be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.verdicts import Finding, Judgement
from tests.corpus import Sample, Side

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[], bytes]


def clean(kind: str, what: str, make: Make) -> Sample:
    """Return an honest one."""
    return Sample(f"{kind} {what}", kind, make, Judgement(kind), Side.CLEAN)


def beyond(kind: str, rule: Finding, what: str, make: Make, *besides: Finding, is_really: str | None = "") -> Sample:
    """Return one that is found out, and what is found of it *besides*; it *is_really* of another kind, or of none."""
    judgement = Judgement(kind if is_really == "" else is_really).but(found=[rule, *besides])
    return Sample(f"{kind} {rule}: {what}", kind, make, judgement, Side.BEYOND, rule)


def at_limit(kind: str, rule: Finding, what: str, make: Make, *besides: Finding, is_really: str | None = "") -> Sample:
    """Return one that is not."""
    judgement = Judgement(kind if is_really == "" else is_really).but(found=besides)
    return Sample(f"{kind} without {rule}: {what}", kind, make, judgement, Side.AT_LIMIT, rule)
