"""A correction (subsanación): until when it is in time, and which places its annexes take."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from rules.files import MAX_ANNEXES, TooManyAnnexes
from rules.refusals import InvalidInput, WrongStep
from rules.workdays import deadline, filed_on, first_working_day

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from rules.workdays import Calendar


WORKING_DAYS: Final = 2
"""Working days to correct what was observed (TUO Ley 27444, art. 136.1); an institution may give more."""


class Term(StrEnum):
    """Where a term to correct stands."""

    RUNNING = "RUNNING"
    UNTOLD = "UNTOLD"
    OVER = "OVER"


class CorrectionLate(WrongStep):
    """The term to correct has run out."""

    code = "CORRECTION_LATE"

    def __init__(self, correct_by: date) -> None:
        super().__init__(
            f"El plazo para subsanar este trámite venció el {correct_by:%d/%m/%Y}, por eso ya no se puede subsanar. "
            "Puede presentar su pedido de nuevo."
        )


class CorrectionEmpty(InvalidInput):
    """Neither a text nor a file."""

    code = "CORRECTION_EMPTY"

    def __init__(self) -> None:
        super().__init__("Escriba qué subsana o adjunte al menos un archivo.", path=("text",))


class NoSuchAnnex(InvalidInput):
    """There is no annex in the place that is to be replaced."""

    code = "ANNEX_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "El trámite no tiene ese anexo. Indique el número de un anexo que ya presentó, o déjelo vacío para "
            "agregar uno nuevo."
        )


class AnnexReplacedTwice(InvalidInput):
    """Two files are to replace the same annex."""

    code = "ANNEX_REPLACED_TWICE"

    def __init__(self) -> None:
        super().__init__("Dos archivos reemplazan al mismo anexo. Deje uno solo por anexo.")


def judge_term(
    at: datetime,
    *,
    correct_by: date,
    told_at: datetime | None,
    calendar: Calendar,
    working_days: int = WORKING_DAYS,
) -> Term:
    """
    Judge, as of *at*, a term of *working_days* that ends with *correct_by*, told by a mail of *told_at*.

    What is sent at *at* counts by its legal date, as if it were a filing. A last day that has become no working day
    since the term was set moves to the next one (TUO Ley 27444, art. 145.2). A term that has run out is over only if
    the mail left in time for all its working days (UNTOLD otherwise, also when None left): a term does not run
    against who was not told of it (art. 144.1).
    """
    last = first_working_day(correct_by, calendar)
    if filed_on(at, calendar).day <= last:
        return Term.RUNNING
    if told_at is None or deadline(told_at, working_days=working_days, calendar=calendar) > last:
        return Term.UNTOLD
    return Term.OVER


def places_of(replaced: Sequence[int | None], *, taken: Collection[int], max_annexes: int = MAX_ANNEXES) -> list[int]:
    """
    Return the place of each annex of a correction: that of the annex it replaces, or the next free one for None.

    *taken* are the places of the annexes that the trámite has; the first is 1. What it has may be replaced even if
    so many may no longer be added.

    Raises:
        NoSuchAnnex, AnnexReplacedTwice: what they say; their path is the annex's index and `replaces`.
        TooManyAnnexes: there would be more than *max_annexes*.
    """
    for index, place in enumerate(replaced):
        if place is not None and place not in taken:
            raise NoSuchAnnex().at(str(index), "replaces")
        if place is not None and place in replaced[:index]:
            raise AnnexReplacedTwice().at(str(index), "replaces")
    free = iter([place for place in range(1, max_annexes + 1) if place not in taken])
    places = [place if place is not None else next(free, None) for place in replaced]
    if None in places:
        raise TooManyAnnexes(max_annexes)
    return [place for place in places if place is not None]
