"""What a receipt says of itself to programs that archive, search and read aloud: XMP, and Info alike."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from receipts.fitting import clean
from rules.workdays import in_lima

if TYPE_CHECKING:
    from datetime import datetime

    from rules.receipts import ReceiptFacts

PARTS = Path(__file__).parent / "parts"
PRODUCER = "borb"
"""Stays, as borb's licence asks: AGPL-3.0, section 7(b)."""

_METADATA = (PARTS / "metadata.xml").read_text("utf-8")
_CLAIM = (PARTS / "claim.xml").read_text("utf-8")
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Metadata(NamedTuple):
    """Title, author and date, as both places say them."""

    title: str
    author: str
    date: datetime

    def info(self) -> str:
        """Return the Info dictionary (ISO 32000-1, 14.3.3)."""
        date = pdf_date(self.date)
        about = f"/Title{text(self.title)}/Author{text(self.author)}/Producer({PRODUCER})"
        return f"<<{about}/CreationDate{date}/ModDate{date}>>"

    def xmp(self, *, claims_conformity: bool) -> bytes:
        """Return the XMP packet (ISO 16684-1); it claims PDF/A-3a and PDF/UA-1 only if told to."""
        packet = _METADATA.format(
            title=escape(self.title),
            author=escape(self.author),
            date=in_lima(self.date).isoformat(timespec="seconds"),
            producer=PRODUCER,
            claim=_CLAIM if claims_conformity else "",
        )
        return packet.encode()


def describe(facts: ReceiptFacts) -> Metadata:
    """Return the metadata of the receipt of *facts*; what XML cannot hold becomes U+FFFD."""
    title, author = (
        _NO_XML.sub("\ufffd", clean(said)) for said in (f"{facts.kind.label} {facts.number}", facts.entity)
    )
    return Metadata(title, author, facts.dated_at)


def pdf_date(instant: datetime) -> str:
    """Return *instant* in Lima as a date of PDF (ISO 32000-1, 7.9.4)."""
    return f"({in_lima(instant):D:%Y%m%d%H%M%S}-05'00')"


def text(value: str) -> str:
    """Return a text string (ISO 32000-1, 7.9.2.2) that no character can break out of."""
    return f"<FEFF{value.encode('utf-16-be', 'replace').hex().upper()}>"
