"""A multipart body, part by part as it arrives: nothing is held but the chunk at hand."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

HEADERS = 8
HEADER_BYTES = 2_048


class BadMultipart(Exception):
    """The body is not the multipart that its content type announces."""


@dataclass(frozen=True)
class Part:
    """The head of a part; `file_name` is None for a plain field."""

    name: str
    file_name: str | None


@dataclass(frozen=True)
class _End:
    """The present part has arrived whole."""


END = _End()


class PartReader:
    """Reads the parts of a body in their order; only one at a time is open."""

    def __init__(self, body: AsyncIterator[bytes], boundary: bytes) -> None:
        self._body = body
        self._events: deque[Part | bytes | _End] = deque()
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value = b"", b""
        self._is_open, self._is_whole = False, False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._headers.clear,
                    "on_header_field": self._on_field,
                    "on_header_value": self._on_value,
                    "on_header_end": self._on_header_end,
                    "on_headers_finished": self._on_headers_finished,
                    "on_part_data": self._on_data,
                    "on_part_end": self._on_part_end,
                    "on_end": self._on_end,
                },
                max_header_count=HEADERS,
                max_header_size=HEADER_BYTES,
            )
        except FormParserError as error:
            raise BadMultipart("boundary too long") from error

    async def next_part(self) -> Part | None:
        """
        Return the next part, or None after the last; what was not read of the present one is passed over.

        Raises:
            BadMultipart: the body is malformed.
        """
        async for _ in self.chunks():
            continue
        event = await self._event()
        if event is None:
            if not self._is_whole:
                raise BadMultipart("the body broke off")
            return None
        assert isinstance(event, Part)
        self._is_open = True
        return event

    async def chunks(self) -> AsyncIterator[bytes]:
        """
        Yield the bytes of the present part.

        Raises:
            BadMultipart: the body is malformed or ends within the part.
        """
        while self._is_open:
            event = await self._event()
            if event is None:
                raise BadMultipart("the body ends within a part")
            if isinstance(event, bytes):
                yield event
            else:
                self._is_open = False

    async def read(self, limit_bytes: int) -> bytes:
        """
        Return the present part whole.

        Raises:
            BadMultipart: it is longer than *limit_bytes*, or malformed.
        """
        found = bytearray()
        async for chunk in self.chunks():
            found += chunk
            if len(found) > limit_bytes:
                raise BadMultipart("a field is too long")
        return bytes(found)

    async def _event(self) -> Part | bytes | _End | None:
        while not self._events:
            chunk = await anext(self._body, None)
            if chunk is None:
                return None
            try:
                self._parser.write(chunk)
            except FormParserError as error:
                raise BadMultipart("malformed") from error
        return self._events.popleft()

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition", b"").decode("latin-1"))
        if kind != b"form-data" or b"name" not in options:
            raise FormParserError("a part without a name")
        file_name = options.get(b"filename")
        name = options[b"name"].decode("utf-8", "replace")
        self._events.append(Part(name, None if file_name is None else _decoded(file_name.decode("utf-8", "replace"))))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def _on_part_end(self) -> None:
        self._events.append(END)

    def _on_end(self) -> None:
        self._is_whole = True


def _decoded(file_name: str) -> str:
    """Return the name itself if it came percent-encoded, as programs may send it (RFC 7578, 4.2); browsers do not."""
    plain = unquote(file_name, errors="replace")
    return plain if quote(plain, safe="") == file_name else file_name
