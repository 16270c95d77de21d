"""What is mailed when a day is over, kept elsewhere and read back: where the chains ended, and the log of receipts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from rules.chain import Chain

RECEIPTS: Final = "receipts"
_LINE = re.compile(
    rf"(\d{{4}}-\d\d-\d\d)\s+(acts|reads|{RECEIPTS})\s+(\d{{1,19}})\s+([0-9a-f]{{64}})(?![0-9a-f])", re.ASCII
)
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


@dataclass(frozen=True, slots=True)
class MailedHead:
    """The head of the log of receipts for a day: how many there were, and the root, in hex."""

    day: date
    size: int
    root: str

    def line(self) -> str:
        """Return the head as it is mailed: day, `receipts`, size, root."""
        return f"{self.day.isoformat()} {RECEIPTS} {self.size} {self.root}"


def anchors_in(text: str) -> list[Anchor | MailedHead]:
    """
    Return the anchors and heads that stand in a text, in its order; other words around them, quotation marks and lines
    that a mail program has broken at a blank do not matter.
    """
    found = (_read(*each) for each in _LINE.findall(_QUOTED.sub("", text)))
    return [each for each in found if each is not None]


def _read(day: str, of: str, number: str, hash_: str) -> Anchor | MailedHead | None:
    try:
        on = date.fromisoformat(day)
    except ValueError:
        return None  # no such day
    return MailedHead(on, int(number), hash_) if of == RECEIPTS else Anchor(on, Chain(of), int(number), hash_)
