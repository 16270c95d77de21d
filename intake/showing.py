"""A kept mail as plain text for people: run in the jail, bounded, and with nothing left that a program would obey."""

from __future__ import annotations

import html
import json
import mmap
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from intake import decoding
from intake.anatomy import PartKind
from intake.charsets import decode_bytes
from intake.encoded_words import decode_text
from intake.headers import read_fields
from intake.parsing import parse
from rules.words import fit_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from intake.anatomy import Part
    from intake.headers import Bytes

SHOW: Final = "intake.showing:show_json"
"""The name by which the jail knows it."""

MOST_PARTS: Final = 20
PART_BYTES: Final = 128 * 1024
MOST_LINES: Final = 4000
LINE_LENGTH: Final = 1000
HEADER_LENGTH: Final = 500
SOURCE_BYTES: Final = 64 * 1024

_SHOWN: Final = (
    ("De", "from"),
    ("Para", "to"),
    ("Copia", "cc"),
    ("Responder a", "reply-to"),
    ("Fecha que dice", "date"),
    ("Asunto", "subject"),
)
_UNSEEN: Final = ("script", "style", "head", "title")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def show_json(argument: bytes) -> bytes:
    """Return as UTF-8 the text of the mail in the file whose path *argument* names, as JSON: `{"path": ...}`."""
    path = Path(json.loads(argument)["path"])
    if not path.stat().st_size:
        return b""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return show(data).encode()


def show(data: Bytes) -> str:
    """Return header lines, what the mail says, and a list of its files."""
    mail = parse(data)
    texts = [part for part in mail.parts if part.kind is PartKind.TEXT]
    has_plain = any(part.media_type == "text/plain" for part in texts)
    said = [part for part in texts if part.media_type != "text/html"] if has_plain else texts
    lines = [
        *_header(data),
        "",
        *(line for part in said[:MOST_PARTS] for line in _lines(data, part)),
        "",
        *(f"[{part.name or 'sin nombre'}: {part.media_type}, {part.size_bytes} bytes]" for part in _files(mail.parts)),
    ]
    return joined(lines)


def show_source(source: bytes) -> str:
    """Return the beginning of a mail that cannot be taken apart, as it stands."""
    return joined(decode_bytes(source[:SOURCE_BYTES]).splitlines())


def joined(lines: Iterable[str]) -> str:
    """Return *lines* without control, bidirectional and other invisible characters; long ones and the rest are cut."""
    return "\n".join(fit_text(line, max_length=LINE_LENGTH) for line in islice(lines, MOST_LINES)) + "\n"


def _header(data: Bytes) -> Iterator[str]:
    fields = read_fields(data, 0, len(data))
    for label, name in _SHOWN:
        if (value := fields.first(name)) is not None:
            yield f"{label}: {fit_text(decode_text(value), max_length=HEADER_LENGTH)}"


def _files(parts: tuple[Part, ...]) -> list[Part]:
    return [part for part in parts if part.kind in (PartKind.FILE, PartKind.MESSAGE, PartKind.INLINE_IMAGE)][:100]


def _lines(data: Bytes, part: Part) -> list[str]:
    end = min(part.end, part.start + PART_BYTES)
    content = b"".join(decoding.decoded(data, part.start, end, encoding=part.encoding))
    text = decode_bytes(content, part.charset)
    return [*(without_tags(text) if part.media_type == "text/html" else text).splitlines(), ""]


def without_tags(text: str) -> str:
    """Return what HTML would show, roughly; what lies in elements that are not shown is left out."""
    for name in _UNSEEN:
        text = "".join(_outside(text, name))
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", text)))


def _outside(text: str, name: str) -> Iterator[str]:
    """Yield what lies outside the elements of that name; one that is never closed swallows the rest."""
    opening, closing = (re.compile(rf"<{slash}{name}\b", re.IGNORECASE) for slash in ("", "/"))
    start = 0
    while opened := opening.search(text, start):
        yield text[start : opened.start()]
        closed = closing.search(text, opened.end())
        if closed is None:
            return
        start = closed.start()
    yield text[start:]
