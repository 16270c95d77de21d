"""Days that were declared by law, decree or region, as an administrator lists them in a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rules.refusals import InvalidInput
from rules.words import clean_text

COLUMNS = ("date", "name", "source", "office", "closed")
MOST_DAYS = 5_000
NAME_MAX_LENGTH = 120
SOURCE_MAX_LENGTH = 200
_CLOSED = {"": True, "yes": True, "no": False}


class UnreadableDays(InvalidInput):
    """The file is no list of days; `problems` are its lines with what is wrong."""

    code = "DAYS_UNREADABLE"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class DeclaredDay:
    """A day that does not count, or again does, everywhere or in one office, by which law."""

    day: date
    name: str
    source: str
    office_code: str | None = None
    is_closed: bool = True


def read_days(lines: Iterable[str]) -> list[DeclaredDay]:
    """
    Return the days of a CSV file whose first line names the columns date, name, source, and optionally office, closed.

    An empty office means all of them; `closed` is yes (also when empty) or no.

    Raises:
        UnreadableDays: with every line that is wrong.
    """
    reader = csv.DictReader(lines, restkey="more")
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
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"«{text}» no es una fecha; escríbala como 2026-12-24.") from None
