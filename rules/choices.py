"""How many of something may be chosen at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sized

MOST_CHOICES: Final = 20

S = TypeVar("S", bound="Sized")


class TooManyChoices(InvalidInput):
    """A list of what was chosen is too long."""

    code = "TOO_MANY_CHOICES"

    def __init__(self, most: int = MOST_CHOICES) -> None:
        super().__init__(f"Elija hasta {most} valores.")


def check_choices(values: S, most: int = MOST_CHOICES) -> S:
    """
    Return what was chosen.

    Raises:
        TooManyChoices: it is more than *most*, however often the same.
    """
    if len(values) > most:
        raise TooManyChoices(most)
    return values
