"""Files that the sieve must judge exactly: made here, nothing of them is kept; each rule at its limit and beyond."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.verdicts import Finding, Judgement


class Side(Enum):
    """On which side of its rule a sample stands."""

    CLEAN = "clean"
    """An honest file, of no rule's; nothing may be found."""
    AT_LIMIT = "at the limit"
    """As near to the rule as may be without falling under it: the rule's finding must not be there."""
    BEYOND = "beyond"
    """Just past it: the rule's finding must be there."""


@dataclass(frozen=True)
class Sample:
    """
    One file. `make` returns its bytes, the same each time; `expected` is the whole judgement, to the letter.

    `rule` is the finding whose rule it tries; None for a clean one. `extension` is what it is handed in as.
    """

    name: str
    extension: str
    make: Callable[[], bytes]
    expected: Judgement
    side: Side
    rule: Finding | None = None


def samples() -> list[Sample]:
    """Return all of them."""
    from tests.corpus import pdfs, pictures

    modules = [
        pdfs,
        pictures,
    ]
    return [sample for module in modules for sample in module.samples()]
