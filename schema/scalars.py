"""Scalars: plain values with a form of their own."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

Sha256 = NewType("Sha256", str)
EmailAddress = NewType("EmailAddress", str)
UploadId = NewType("UploadId", uuid.UUID)
CivilDate = NewType("CivilDate", str)
ClockTime = NewType("ClockTime", dt.time)
Cursor = NewType("Cursor", str)

_CIVIL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _not(kind: str, form: str) -> GraphQLError:
    return GraphQLError(f"{kind} must be {form}.")


def _uuid(value: object) -> uuid.UUID:
    if not isinstance(value, str):
        raise _not("The value", "a UUID as a string")
    try:
        return uuid.UUID(value)
    except ValueError:
        raise _not("The value", "a UUID such as 2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81") from None


def _instant(value: object) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise _not("The value", "an instant with its offset such as 2026-03-10T16:29:00-05:00")
    return instant


def _write_instant(instant: dt.datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return instant.isoformat()


def _civil_date(value: object) -> str:
    if not isinstance(value, str) or not _CIVIL_DATE.fullmatch(value):
        raise _not("The value", "a date as YYYY-MM-DD")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _not("The value", "a string")
    return value


def _write_time(time: dt.time) -> str:
    return time.strftime("%H:%M")


def _scalar(
    name: str,
    description: str,
    *,
    serialize: Callable[[Any], object] = str,
    parse_value: Callable[[Any], object] = _text,
    url: str | None = None,
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, serialize=serialize, parse_value=parse_value, specified_by_url=url
    )


_RFC_3339 = "https://www.rfc-editor.org/rfc/rfc3339"

SCALARS: dict[object, ScalarDefinition] = {
    uuid.UUID: _scalar("UUID", "A UUID (RFC 9562).", parse_value=_uuid, url="https://www.rfc-editor.org/rfc/rfc9562"),
    UploadId: _scalar(
        "UploadId",
        "The UUID of an upload. In a multipart request (graphql-multipart-request-spec) send null in its place and map "
        "a file to it: the file becomes an upload, and its id stands here.",
        parse_value=_uuid,
    ),
    dt.datetime: _scalar(
        "DateTime",
        "An instant with its offset from UTC, ISO 8601, such as 2026-03-10T21:29:00+00:00.",
        serialize=_write_instant,
        parse_value=_instant,
        url=_RFC_3339,
    ),
    dt.date: _scalar(
        "Date",
        "A day of the calendar, YYYY-MM-DD, in Peru (America/Lima).",
        serialize=dt.date.isoformat,
        parse_value=_civil_date,
        url=_RFC_3339,
    ),
    ClockTime: _scalar("Time", "A time of day in Peru (America/Lima), HH:MM.", serialize=_write_time),
    Sha256: _scalar("SHA256", "A SHA-256 in 64 lower-case hexadecimal digits; it is that of the bytes as received."),
    Cursor: _scalar(
        "Cursor", "A place in a list or in the feed (cursor), as the API gave it: keep it, and send it back as it is."
    ),
    EmailAddress: _scalar("EmailAddress", "An e-mail address (correo electrónico)."),
}
"""How Python types appear in the API. `Date` is read as text: that a day exists is judged by the rules, in Spanish."""


def config() -> StrawberryConfig:
    """Return the configuration of the schema."""
    return StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True)
