"""Days that were declared by law, decree or region, as an administrator lists them in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rules.administration import NoSuchDay, read_day
from rules.refusals import Checks, InvalidInput
from rules.words import clean_text, glimpse

COLUMNS = ("date", "name", "source", "office", "closed")
MOST_DAYS = 5_000
MOST_TYPED = 100
MOST_TOLD = 50
NAME_MAX_LENGTH = 120
SOURCE_MAX_LENGTH = 200
_CLOSED = {"": True, "yes": True, "no": False}


class UnreadableDays(InvalidInput):
    """The file is no list of days; `problems` are its lines with what is wrong, of which the first fifty are told."""

    code = "DAYS_UNREADABLE"

    def __init__(self, problems: list[str]) -> None:
        more = [f"… y {len(problems) - MOST_TOLD} líneas más."] if len(problems) > MOST_TOLD else []
        super().__init__("\n".join([*problems[:MOST_TOLD], *more]))


class DaysOutOfNumber(InvalidInput):
    """No day, or too many to be typed."""

    code = "DAYS_OUT_OF_NUMBER"

    def __init__(self) -> None:
        super().__init__(f"Indique de 1 a {MOST_TYPED} días; si son más, impórtelos como archivo.")


class DayTwice(InvalidInput):
    """A day is named twice for the same office."""

    code = "DAY_NAMED_TWICE"

    def __init__(self) -> None:
        super().__init__("Ese día ya está en la lista. Deje uno solo.", path=("day",))


@dataclass(frozen=True)
class DeclaredDay:
    """A day that does not count, or again does, everywhere or in one office, by which law."""

    day: date
    name: str
    source: str
    office_code: str | None = None
    is_closed: bool = True


@dataclass(frozen=True)
class GivenDay:
    """A day as it was typed."""

    day: str
    name: str
    source: str
    office_code: str | None = None
    is_closed: bool = True


def check_days(given: Sequence[GivenDay]) -> list[DeclaredDay]:
    """
    Return the days that were typed, at most as many as `MOST_TYPED`.

    Raises:
        InvalidInput: for every field of every day that does not hold what it must; paths begin with the day's index.
    """
    checks, days = Checks(), list[DeclaredDay]()
    if not 1 <= len(given) <= MOST_TYPED:
        raise DaysOutOfNumber
    seen = set[tuple[date | None, str | None]]()
    for index, each in enumerate(given):
        own = Checks()
        day = own.take("day", read_day, each.day)
        name = own.take("name", lambda text: clean_text(text, max_length=NAME_MAX_LENGTH), each.name)
        source = own.take("source", lambda text: clean_text(text, max_length=SOURCE_MAX_LENGTH), each.source)
        office_code = (each.office_code or "").strip() or None
        if day is not None and (day, office_code) in seen:
            own.note(DayTwice())
        seen.add((day, office_code))
        for refusal in own.found:
            checks.note(refusal.at(str(index)))
        if day is not None and name is not None and source is not None:
            days.append(DeclaredDay(day, name, source, office_code, each.is_closed))
    checks.refuse_any()
    return days


def read_days(lines: Iterable[str]) -> list[DeclaredDay]:
    """
    Return the days of a CSV file whose first line names the columns date, name, source, and optionally office, closed.

    An empty office means all of them; `closed` is yes (also when empty) or no.

    Raises:
        UnreadableDays: with every line that is wrong.
    """
    try:
        return _read(csv.DictReader(lines, restkey="more"))
    except csv.Error:
        raise UnreadableDays(["El archivo no es un CSV: una línea es demasiado larga o no se puede leer."]) from None


def _read(reader: csv.DictReader[str]) -> list[DeclaredDay]:
    names = set(reader.fieldnames or ())
    if not {"date", "name", "source"} <= names <= set(COLUMNS):
        raise UnreadableDays([f"La primera línea debe nombrar las columnas: {', '.join(COLUMNS)}."])
    days, problems = list[DeclaredDay](), list[str]()
    lines_of = dict[tuple[date, str | None], int]()
    for row in reader:
        try:
            day = _day(row)
            if (first := lines_of.setdefault((day.day, day.office_code), reader.line_num)) != reader.line_num:
                raise ValueError(f"ese día ya está en la línea {first}; deje una sola.")
            days.append(day)
        except (ValueError, InvalidInput) as error:
            problems.append(f"Línea {reader.line_num}: {error}")
    if len(days) > MOST_DAYS:
        problems.append(f"Son demasiados días: pueden ser hasta {MOST_DAYS} por archivo.")
    if problems or not days:
        raise UnreadableDays(problems or ["El archivo no contiene ningún día."])
    return days


def _day(row: dict[str, str | None]) -> DeclaredDay:
    closed = (row.get("closed") or "").strip().lower()
    if "more" in row or closed not in _CLOSED:
        raise ValueError("«closed» debe ser yes o no, y no puede haber más columnas.")
    return DeclaredDay(
        _date(row["date"] or ""),
        clean_text(row["name"], max_length=NAME_MAX_LENGTH),
        clean_text(row["source"], max_length=SOURCE_MAX_LENGTH),
        (row.get("office") or "").strip() or None,
        _CLOSED[closed],
    )


def _date(text: str) -> date:
    try:
        return read_day(text.strip())
    except NoSuchDay:
        raise ValueError(f"«{glimpse(text)}» no es una fecha; escríbala como 2026-12-24.") from None
