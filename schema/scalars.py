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

from rules.people import IdentityKind, clean_email, clean_identity, clean_ruc
from rules.refusals import InvalidInput

Sha256 = NewType("Sha256", str)
EmailAddress = NewType("EmailAddress", str)
Dni = NewType("Dni", str)
Ruc = NewType("Ruc", str)
UploadId = NewType("UploadId", uuid.UUID)
CivilDate = NewType("CivilDate", str)
ClockTime = NewType("ClockTime", dt.time)
Cursor = NewType("Cursor", str)

LONGEST = 300
"""Characters of a value that is looked at at all; the longest, an address, has 254."""

LONGEST_CURSOR = 1000

_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_CLOCK_TIME = re.compile(r"[0-9]{2}:[0-9]{2}", re.ASCII)
_CIVIL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def _not(kind: str, form: str) -> GraphQLError:
    return GraphQLError(f"{kind} must be {form}.")


def _text_in(value: object) -> str:
    """Return the text of a value; nothing, which has no form, of what is none or is too long."""
    return value if isinstance(value, str) and len(value) <= LONGEST else ""


def _uuid(value: object) -> uuid.UUID:
    if not _UUID.fullmatch(text := _text_in(value)):
        raise _not("The value", "a UUID such as 2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81")
    return uuid.UUID(text)


def _instant(value: object) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text if _INSTANT.fullmatch(text := _text_in(value)) else "")
    except ValueError:
        raise _not("The value", "an instant with its offset such as 2026-03-10T16:29:00-05:00") from None


def _write_instant(instant: dt.datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError("an instant needs its offset")
    return instant.isoformat()


def _civil_date(value: object) -> str:
    if not _CIVIL_DATE.fullmatch(text := _text_in(value)):
        raise _not("The value", "a date as YYYY-MM-DD")
    return text


def _clock_time(value: object) -> dt.time:
    try:
        return dt.time.fromisoformat(text if _CLOCK_TIME.fullmatch(text := _text_in(value)) else "")
    except ValueError:
        raise _not("The value", "a time of day as HH:MM") from None


def _sha256(value: object) -> str:
    if not _SHA256.fullmatch(text := _text_in(value)):
        raise _not("The value", "a SHA-256 in 64 lower-case hexadecimal digits")
    return text


def _cursor(value: object) -> str:
    """Take any text that could be one: what the counter did not give is refused where the list is read."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > LONGEST_CURSOR:
        raise _not("The value", "a cursor as the API gave it")
    return value


def _by_rule(rule: Callable[[str], str], form: str) -> Callable[[object], str]:
    """Return what takes a value as the rule writes it, which forgives people, and refuses others in English."""

    def read(value: object) -> str:
        text = _text_in(value)
        try:
            if rule(text) == text:
                return text
        except InvalidInput:
            pass
        raise _not("The value", form)

    return read


def _dni(text: str) -> str:
    return clean_identity(IdentityKind.DNI, text).number


def _write_time(time: dt.time) -> str:
    return time.strftime("%H:%M")


def _scalar(
    name: str,
    description: str,
    *,
    serialize: Callable[[Any], object] = str,
    parse_value: Callable[[Any], object],
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
    ClockTime: _scalar(
        "Time", "A time of day in Peru (America/Lima), HH:MM.", serialize=_write_time, parse_value=_clock_time
    ),
    Sha256: _scalar("SHA256", "A SHA-256 in 64 lower-case hexadecimal digits.", parse_value=_sha256),
    EmailAddress: _scalar(
        "EmailAddress",
        "An e-mail address (correo electrónico) of up to 254 characters.",
        parse_value=_by_rule(clean_email, "an e-mail address"),
    ),
    Dni: _scalar(
        "DNI",
        "Number of a documento nacional de identidad (DNI): eight digits, without the check character.",
        parse_value=_by_rule(_dni, "a DNI of eight digits"),
    ),
    Ruc: _scalar(
        "RUC",
        "Number in the Registro Único de Contribuyentes (RUC): eleven digits, of which the last one checks the others.",
        parse_value=_by_rule(clean_ruc, "a RUC of eleven digits"),
    ),
    Cursor: _scalar(
        "Cursor",
        "A place in a list or in the feed (cursor), as the API gave it: keep it, and send it back as it is.",
        parse_value=_cursor,
    ),
}
"""How Python types appear in the API. `Date` is read as text: that a day exists is judged by the rules, in Spanish."""


def config() -> StrawberryConfig:
    """Return the configuration of the schema."""
    return StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True)
