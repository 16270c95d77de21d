"""Offices as administrators write them, and what every change of the counter is judged by."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Final

from rules.refusals import Conflict, InvalidInput
from rules.words import clean_text
from rules.workdays import LIMA, YEARS, day_of

OFFICE_CODE_MAX_LENGTH: Final = 20
OFFICE_NAME_MAX_LENGTH: Final = 120
MOST_OFFICES: Final = 200

_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*", re.ASCII)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class VersionOutdated(Conflict):
    """Somebody else changed the same since it was read."""

    code = "VERSION_OUTDATED"

    def __init__(self) -> None:
        super().__init__(
            "Otra persona cambió esto mientras usted lo editaba; no se guardó nada. Vuelva a abrirlo, revise lo último "
            "y repita su cambio si todavía hace falta.",
            path=("expectedVersion",),
        )


class NothingToChange(Conflict):
    """All that is asked for holds already."""

    code = "NOTHING_TO_CHANGE"

    def __init__(self) -> None:
        super().__init__("Todo eso ya está así; no se cambió nada.")


class ChangeTooEarly(InvalidInput):
    """The change would hold for days on which something may have been filed already."""

    code = "CHANGE_TOO_EARLY"

    def __init__(self) -> None:
        super().__init__(
            "El cambio no puede regir desde hoy ni desde antes: lo ya presentado conserva su fecha. Indique una fecha "
            "desde mañana."
        )


class NoSuchDay(InvalidInput):
    """There is no such day, or it is beyond any calendar."""

    code = "NO_SUCH_DAY"

    def __init__(self) -> None:
        super().__init__(f"Ese día no existe. Escríbalo como 2026-12-24, hasta el año {YEARS.stop - 1}.")


class NoSuchTime(InvalidInput):
    """There is no such time of day."""

    code = "NO_SUCH_TIME"

    def __init__(self) -> None:
        super().__init__("Esa hora no existe. Escríbala con dos cifras y minutos, de 00:00 a 23:59; por ejemplo 08:30.")


class HoursOutOfOrder(InvalidInput):
    """An office would close before it opens."""

    code = "HOURS_OUT_OF_ORDER"

    def __init__(self) -> None:
        super().__init__("La hora de cierre debe ser posterior a la de apertura.")


class InvalidOfficeCode(InvalidInput):
    """The code of an office is not of its form."""

    code = "INVALID_OFFICE_CODE"

    def __init__(self) -> None:
        super().__init__(
            f"El código lleva hasta {OFFICE_CODE_MAX_LENGTH} letras mayúsculas sin tilde, cifras y guiones; por "
            "ejemplo ICA-NORTE."
        )


def clean_office_code(text: str) -> str:
    """
    Return the code of an office, which never changes.

    Raises:
        InvalidOfficeCode: it is not of its form.
    """
    code = text.strip()
    if len(code) > OFFICE_CODE_MAX_LENGTH or not _CODE.fullmatch(code):
        raise InvalidOfficeCode
    return code


def clean_office_name(text: str) -> str:
    """
    Return the name of an office.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_text`.
    """
    return clean_text(text, max_length=OFFICE_NAME_MAX_LENGTH)


def read_day(given: date | str) -> date:
    """
    Return a day, given as one or written YYYY-MM-DD.

    Raises:
        NoSuchDay: there is none.
    """
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise NoSuchDay from None
    if day.year not in YEARS:
        raise NoSuchDay
    return day


def read_later_day(given: date | str, today: date) -> date:
    """
    Return a day after *today*.

    Raises:
        NoSuchDay, ChangeTooEarly: what they say.
    """
    day = read_day(given)
    if day <= today:
        raise ChangeTooEarly
    return day


def read_time(given: time | str) -> time:
    """
    Return a time of day, given as one or written HH:MM.

    Raises:
        NoSuchTime: there is none.
    """
    if isinstance(given, time):
        return given
    written = _CLOCK.fullmatch(given.strip())
    if written is None:
        raise NoSuchTime
    return time(int(written[1]), int(written[2]))


def check_hours(opens_at: time | None, closes_at: time | None) -> None:
    """
    Judge opening hours; one that could not be read is judged elsewhere.

    Raises:
        HoursOutOfOrder: the desk would close before it opens.
    """
    if opens_at is not None and closes_at is not None and opens_at >= closes_at:
        raise HoursOutOfOrder


def first_instant(day: date | None, now: datetime) -> datetime:
    """Return the instant from which a change holds: midnight in Lima of *day*, or *now* without one."""
    return now if day is None or day <= day_of(now) else datetime.combine(day, time(), LIMA)
