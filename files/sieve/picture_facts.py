"""What is read of a picture without drawing it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.verdicts import Finding


@dataclass(slots=True)
class PictureFacts:
    """Its sides; where it ends, None if it does not; what people may have written into it; what is wrong with it."""

    width: int = 0
    height: int = 0
    end: int | None = None
    texts: list[bytes] = field(default_factory=list[bytes])
    found: set[Finding] = field(default_factory=set[Finding])
