"""Anchors: where a chain ended when a day was over, as a line that is mailed, kept elsewhere, and read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from rules.chain import Chain

_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s+(acts|reads)\s+(\d{1,19})\s+([0-9a-f]{64})(?![0-9a-f])", re.ASCII)
_QUOTED = re.compile(r"^[ \t]*(?:>[ \t]*)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last entry of a chain at the end of a day in Lima; sequence 0 and the genesis hash of an empty one."""

    day: date
    chain: Chain
    sequence: int
    hash: str

    def line(self) -> str:
        """Return the anchor as it is mailed: day, chain, sequence, hash."""
        return f"{self.day.isoformat()} {self.chain.value} {self.sequence} {self.hash}"


def anchors_in(text: str) -> list[Anchor]:
    """
    Return the anchors that stand in a text, in its order; other words around them, quotation marks and lines that a
    mail program has broken at a blank do not matter.
    """
    found = (_anchor(*each) for each in _LINE.findall(_QUOTED.sub("", text)))
    return [anchor for anchor in found if anchor is not None]


def _anchor(day: str, chain: str, sequence: str, hash_: str) -> Anchor | None:
    try:
        return Anchor(date.fromisoformat(day), Chain(chain), int(sequence), hash_)
    except ValueError:
        return None  # no such day
