"""An observation: all that must be corrected, in one act, as a list of points (TUO Ley 27444, art. 136)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rules.refusals import Checks, InvalidInput
from rules.words import clean_paragraph, clean_statement

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_POINTS: Final = 20
POINT_MAX_LENGTH: Final = 500


class TooManyPoints(InvalidInput):
    """More points than an observation may have."""

    code = "TOO_MANY_POINTS"

    def __init__(self) -> None:
        super().__init__(f"Puede señalar hasta {MOST_POINTS} puntos. Reúna los que se parezcan en uno solo.")


class NothingObserved(InvalidInput):
    """Neither points nor words: nobody would know what to correct."""

    code = "NOTHING_OBSERVED"

    def __init__(self) -> None:
        message = "Indique al menos un punto que se deba corregir, o explíquelo en el comentario."
        super().__init__(message, path=("points",))


@dataclass(frozen=True, slots=True)
class Observation:
    """What must be corrected: points, words about them, or both."""

    points: tuple[str, ...]
    text: str | None

    def in_words(self) -> str:
        """Return all of it as one text: the words first, then the points, numbered if there are several."""
        numbered = [f"{place}. {point}" for place, point in enumerate(self.points, 1)]
        listed = "\n".join(numbered) if len(numbered) > 1 else "".join(self.points)
        return "\n\n".join(part for part in (self.text, listed) if part)


def clean_observation(points: Sequence[str], text: str | None) -> Observation:
    """
    Return what must be corrected: up to twenty points of 500 characters, and words of up to 4,000 characters.

    Raises:
        InvalidInput: for `text`, and for each of `points` by its index, that does not hold what it must.
        NothingObserved: neither points nor words.
        TooManyPoints: more than twenty.
    """
    if not points and text is None:
        raise NothingObserved
    if len(points) > MOST_POINTS:
        raise TooManyPoints().at("points")
    checks = Checks()
    said = checks.take("text", clean_statement, text) if text is not None else None
    cleaned = [checks.take("points", _clean_point, (place, point)) for place, point in enumerate(points)]
    checks.refuse_any()
    return Observation(tuple(point for point in cleaned if point is not None), said)


def _clean_point(placed: tuple[int, str]) -> str:
    place, point = placed
    try:
        return clean_paragraph(point, max_length=POINT_MAX_LENGTH)
    except InvalidInput as refusal:
        raise refusal.at(str(place)) from None
