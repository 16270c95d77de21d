"""The mails of the harness: each with bytes and a sender of its own, of several kinds."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from tests.unit.intake.mails import PDF, write_mail


class Kind(StrEnum):
    """What kind of mail."""

    FILING = "FILING"
    LARGE_FILING = "LARGE_FILING"
    """Arrives in several pieces."""

    AGAIN = "AGAIN"
    """The same bytes as the last one."""

    INCOMPLETE = "INCOMPLETE"
    """Without a document: received all the same."""

    QUESTION = "QUESTION"
    """Asks how a trámite stands, which it is told elsewhere: its answer belongs to no trámite."""

    AUTOMATIC = "AUTOMATIC"
    DOUBTFUL = "DOUBTFUL"


@dataclass
class Letters:
    """All that was ever delivered."""

    delivered: Counter[bytes] = field(default_factory=Counter[bytes])
    filed: set[str] = field(default_factory=set[str])
    """SHA-256 of the main document of each mail that must become a trámite."""

    _last_content: bytes = b""

    def write(self, kind: Kind) -> bytes:
        """Return the next mail of that kind."""
        number = len(self.delivered)
        document = PDF + b"%d" % number + (b"\n%" + b"x" * 400_000 if kind is Kind.LARGE_FILING else b"")
        sender = f"Persona {number} <persona{number}@example.pe>"
        match kind:
            case Kind.AGAIN if self._last_content:
                content = self._last_content
            case Kind.AUTOMATIC:
                content = b"Auto-Submitted: auto-replied\r\n" + write_mail(sender=sender).as_bytes()
            case Kind.INCOMPLETE:
                content = write_mail(sender=sender, subject=f"Solicitud {number}").as_bytes()
            case Kind.QUESTION:
                content = write_mail(sender=sender, subject=f"ESTADO MPD-2026-{number:06}-M").as_bytes()
            case Kind.DOUBTFUL:
                content = b"From: otra@example.pe\r\n" + write_mail(("a.pdf", document), sender=sender).as_bytes()
            case _:
                content = write_mail(("a.pdf", document), sender=sender).as_bytes()
                self.filed.add(hashlib.sha256(document).hexdigest())
        self.delivered[content] += 1
        self._last_content = content
        return content
