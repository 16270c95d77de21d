"""What the answers to a FETCH say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_UID = re.compile(rb"\bUID ([0-9]{1,10})\b", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE ([0-9]{1,15})\b", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]{19,30})"', re.IGNORECASE)
OLDEST_YEAR: Final = 1990

FETCH_BODY: Final = re.compile(rb"[0-9]+ FETCH .*\bBODY\[", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(rb"\{[0-9]+\}$")
_DATE_TIME = re.compile(
    r"(?P<day>[ 0-3]?[0-9])-(?P<month>[A-Za-z]{3})-(?P<year>[0-9]{4}) (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):"
    r"(?P<second>[0-9]{2}) (?P<sign>[+-])(?P<away_hours>[0-9]{2})(?P<away_minutes>[0-9]{2})",
    re.ASCII,
)
_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: number for number, name in enumerate(_NAMES, start=1)}


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A message in the folder. Its size is what the server believes, 0 if it does not tell; `received_at` is None if it
    does not tell that, or says nonsense.
    """

    uid: int
    size_bytes: int
    received_at: datetime | None


def read_internal_date(text: str) -> datetime | None:
    """Return the instant that an INTERNALDATE names (RFC 3501, date-time), in UTC; None if it is none since 1990."""
    found = _DATE_TIME.fullmatch(text)
    month = _MONTHS.get(found["month"].title()) if found else None
    if found is None or month is None:
        return None
    day, year, *time = (int(found[name]) for name in ("day", "year", "hour", "minute", "second"))
    away = timedelta(hours=int(found["away_hours"]), minutes=int(found["away_minutes"]))
    try:
        zone = timezone(-away if found["sign"] == "-" else away)
        named = datetime(year, month, day, *time, tzinfo=zone)
        return named.astimezone(UTC) if named.year >= OLDEST_YEAR else None
    except (ValueError, OverflowError):
        return None


def read_listed(lines: Sequence[bytes]) -> list[Listed]:
    """
    Return what answers say of each message, in order of UID. One message may be told of in several (RFC 3501, 7.4.2);
    a size that is not told is 0.
    """
    sizes: dict[int, int] = {}
    dates: dict[int, datetime | None] = {}
    for line in lines:
        if (found := _UID.search(line)) is None:
            continue
        uid = int(found[1])
        if size := _SIZE.search(line):
            sizes.setdefault(uid, int(size[1]))
        if date := _DATE.search(line):
            dates.setdefault(uid, read_internal_date(date[1].decode("ascii", "replace")))
    return [Listed(uid, sizes.get(uid, 0), dates.get(uid)) for uid in sorted(sizes.keys() | dates.keys())]


def fetched_uids(lines: list[bytes]) -> set[int]:
    """Return the UIDs of the answers that carry a body; the UID stands before or behind it."""
    with_body = (
        line + (lines[at + 2] if at + 2 < len(lines) else b"")
        for at, line in enumerate(lines)
        if FETCH_BODY.match(line)
    )
    return {int(uid) for text in with_body for uid in _UID.findall(text)}


def fetched_in_order(lines: list[bytes]) -> list[int]:
    """Return the UID of each answer that carries a body, in the order of the bodies; of one that tells none, 0."""
    bodies = [
        line + (lines[at + 2] if at + 2 < len(lines) else b"")
        for at, line in enumerate(lines)
        if FETCH_BODY.match(line) and _LITERAL.search(line)
    ]
    return [int(found[1]) if (found := _UID.search(text)) else 0 for text in bodies]


def uid_set(uids: Sequence[int]) -> str:
    return ",".join(f"{first}:{last}" if last > first else str(first) for first, last in _runs(uids))


def _runs(uids: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = -1
    for uid in sorted(uids):
        if uid != last + 1:
            if first >= 0:
                yield first, last
            first = uid
        last = uid
    if first >= 0:
        yield first, last
