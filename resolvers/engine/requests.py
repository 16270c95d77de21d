"""What a request asks for: read from its body or its query string, strictly and within bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header

from resolvers.engine.execution import BAD_REQUEST, Asked
from resolvers.engine.multipart import BadMultipart, PartReader
from resolvers.engine.patience import BODY_PAUSE_SECONDS, receive_soon
from resolvers.engine.strict_json import BadJson, read_object
from resolvers.engine.uploads import BadUploadRequest, read_upload_request

if TYPE_CHECKING:
    from starlette.types import Message, Receive

    from resolvers.engine.uploads import Keep

BODY_BYTES = 64 * 1024
PARAMETERS = 16
ID_LENGTH = 128
"""Longer names of documents there are none: SHA-256 has 64 digits."""


class Refused(Exception):
    """The request is refused for what it is as HTTP, before anybody looks at what it asks."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def bad_request(message: str) -> Refused:
    """Return the refusal of what is no request."""
    return Refused(400, BAD_REQUEST, message)


async def read_json(
    receive: Receive, headers: Mapping[bytes, bytes], pause_seconds: float = BODY_PAUSE_SECONDS
) -> Asked:
    """
    Return what a body of JSON asks for.

    Raises:
        Refused: it is too long, which is told before it is read if its length was announced, or no strict JSON.
    """
    _check_length(headers, BODY_BYTES)
    message = await receive_soon(receive, pause_seconds)
    body = message.get("body", b"")
    if message.get("more_body") or message["type"] != "http.request" or len(body) > BODY_BYTES:
        body = b"".join([chunk async for chunk in _chunks(receive, BODY_BYTES, pause_seconds, first=message)])
    try:
        return asked_in(read_object(body))
    except BadJson as error:
        raise bad_request(f"The body must be one JSON object: {error}.") from error


async def read_multipart(
    receive: Receive,
    headers: Mapping[bytes, bytes],
    keep: Keep,
    *,
    most_bytes: int,
    most_files: int,
    pause_seconds: float = BODY_PAUSE_SECONDS,
) -> Asked:
    """
    Return what a multipart body asks for, its files kept and their ids in the variables.

    Raises:
        Refused: it is too long, or not what graphql-multipart-request-spec says.
    """
    _check_length(headers, most_bytes)
    _, options = parse_options_header(headers[b"content-type"])
    try:
        parts = PartReader(_chunks(receive, most_bytes, pause_seconds), options[b"boundary"])
        return asked_in(await read_upload_request(parts, keep, most_files=most_files))
    except (BadUploadRequest, BadMultipart) as error:
        raise bad_request(f"Not a GraphQL multipart request: {error}.") from error


def read_query_string(query_string: bytes) -> Asked:
    """
    Return what a URL asks for.

    Raises:
        Refused: it is too long, not UTF-8, says something twice, or its variables are no strict JSON.
    """
    if len(query_string) > BODY_BYTES:
        raise Refused(414, "URL_TOO_LONG", f"The query string may have at most {BODY_BYTES} bytes.")
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS
        )
        found: dict[str, Any] = dict(pairs)
        for name in ("variables", "extensions"):
            if name in found:
                found[name] = read_object(found[name])
    except (ValueError, BadJson) as error:
        raise bad_request("The parameters must be UTF-8, with variables and extensions as JSON objects.") from error
    if len(found) != len(pairs):
        raise bad_request("A parameter is given twice.")
    return asked_in(found)


def asked_in(found: Mapping[str, Any]) -> Asked:
    """
    Return what an object asks for.

    Raises:
        Refused: a member has the wrong type, or there is neither document nor the id of one.
    """
    query = _optional(found, "query", str)
    document_id = _document_id(found) if "documentId" in found or "extensions" in found else None
    if query is None and document_id is None:
        raise bad_request("The query must be a string.")
    return Asked(query, document_id, _optional(found, "variables", dict), _optional(found, "operationName", str))


def _document_id(found: Mapping[str, Any]) -> str | None:
    """Return the id of a trusted document: `documentId`, or as Apollo's clients name one by its hash."""
    document_id, extensions = _optional(found, "documentId", str), _optional(found, "extensions", dict)
    match extensions:
        case {"persistedQuery": {"sha256Hash": str(sha256)}} if document_id is None:
            document_id = sha256
        case _:
            pass
    if document_id is not None and len(document_id) > ID_LENGTH:
        raise bad_request("The id of the document is too long.")
    return document_id.removeprefix("sha256:") if document_id else None


def _optional(found: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    value = found.get(name)
    if value is not None and not isinstance(value, kind):
        raise bad_request(f"The field {name} has the wrong type.")
    return value


def _check_length(headers: Mapping[bytes, bytes], most_bytes: int) -> None:
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or len(announced) > 20 or int(announced) > most_bytes:
        raise _too_long(most_bytes)


async def _chunks(
    receive: Receive, most_bytes: int, pause_seconds: float, *, first: Message | None = None
) -> AsyncIterator[bytes]:
    length, message = 0, first or await receive_soon(receive, pause_seconds)
    while message["type"] == "http.request":
        body = message.get("body", b"")
        length += len(body)
        if length > most_bytes:
            raise _too_long(most_bytes)
        yield body
        if not message.get("more_body"):
            return
        message = await receive_soon(receive, pause_seconds)
    raise bad_request("The body broke off.")


def _too_long(most_bytes: int) -> Refused:
    return Refused(413, "BODY_TOO_LARGE", f"The body may have at most {most_bytes} bytes.")
