"""When our mail server received a mail, for its legal date: what mail servers of ours wrote, and nobody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from intake.answers import OLDEST_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.proof import OwnServers

TOLERANCE: Final = timedelta(hours=1)
"""So far apart the clocks of our own servers may be."""

_COMMENT = re.compile(r"\([^()]*\)")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES: Final = {"GMT": "+0000", "UT": "+0000", "UTC": "+0000", "Z": "+0000"}
_DATE_TIME = re.compile(
    r"\s*(?:[A-Z][a-z]{2},)?\s*([0-9]{1,2})\s+([A-Z][a-z]{2})\s+([0-9]{4})\s+"
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,9})?)?\s+([+-][0-9]{4}|GMT|UTC?|Z)\s*",
    re.ASCII,
)


def received_by_us(received: Sequence[str], internal_date: datetime, *, servers: OwnServers) -> datetime:
    """
    Return when our mail server received a mail with these Received fields, topmost first.

    That is its INTERNALDATE or, if that is earlier, what the newest field of a server of ours says, as of a mail that
    was copied into the mailbox later. An INTERNALDATE of hours before our own server had the mail is none of ours: it
    is what the sender's `Date` says, where a program puts that in its place. A field below one of a foreign server may
    be of anybody, and is not believed.
    """
    written = _written_by_us(received, servers)
    if written is None:
        return internal_date
    return written if written - internal_date > TOLERANCE else min(internal_date, written)


def _written_by_us(received: Sequence[str], servers: OwnServers) -> datetime | None:
    for field in received:
        if not servers.wrote(field):
            break
        if servers.named_in(field):
            return _date_of(field)
    return None


def _date_of(received: str) -> datetime | None:
    """Return the instant at the end of a Received field (RFC 5321, 4.4); None if it names none since 1990."""
    found = _DATE_TIME.fullmatch(_COMMENT.sub(" ", received).rpartition(";")[2])
    if found is None or found[2] not in _MONTHS:
        return None
    day, month, year, hour, minute, second, zone = found.groups()
    text = f"{day} {_MONTHS.index(month) + 1} {year} {hour} {minute} {second or '00'} {_ZONES.get(zone, zone)}"
    try:
        named = datetime.strptime(text, "%d %m %Y %H %M %S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return named if named.year >= OLDEST_YEAR else None
