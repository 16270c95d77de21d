"""XML of Office files: read without ever expanding anything, and the instructions of fields that lie in it."""

from __future__ import annotations

import html
import re
import time
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    OnStart = Callable[[str, dict[str, str]], None]

MAX_MARKS: Final = 30_000
"""Of fields in one text: a book's index has some thousands."""
MAX_ASIDES: Final = 2_000
"""Comments and the like in one text: Office writes none."""
_CHUNK_BYTES: Final = 256 << 10
_ENCODINGS: Final = frozenset({"", "utf-8", "utf-16", "us-ascii", "ascii"})
"""Office reads no other (ECMA-376-2, 8.1.1)."""
_WIDE: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}
_ASIDE: Final = re.compile(rb"<!--|<\?|<!\[CDATA\[")
_ENDS: Final = {b"<!--": b"-->", b"<?": b"?>", b"<![CDATA[": b"]]>"}
_FIELD_MARKS: Final = (b"nstrText", b"fldSimple", b"fldChar")
_ATTRIBUTES: Final = rb"""(?:[^>"']|"[^"]{0,1024}"|'[^']{0,1024}')*+"""
_TOKEN: Final = re.compile(
    rb"<(?:[\w.-]{1,32}:)?(?:"
    rb"(?:delI|i)nstrText\b" + _ATTRIBUTES + rb"(?<!/)>(?P<text>[^<]*)"
    rb"|fldChar\b(?P<char>" + _ATTRIBUTES + rb")>"
    rb"|fldSimple\b(?P<simple>" + _ATTRIBUTES + rb")>)",
)
_VALUE: Final = re.compile(rb"""\b(?:instr|fldCharType)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class Unparsed(Exception):
    """It is not XML as Office writes it, or more than is looked at; `finding` says which."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def parse(data: bytes, on_start: OnStart | None = None, *, until: float | None = None) -> None:
    """
    See that it is well-formed; tell *on_start* the local name and the attributes of each element.

    No Office file has a document type: where entities could be declared, they are a bomb (and none is expanded). What
    is not read when this thread has used its time *until* then is believed.

    Raises:
        Unparsed: it is not well-formed, or declares a document type or an encoding that Office does not read.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_encoding
    if on_start is not None:
        parser.StartElementHandler = lambda name, attributes: on_start(name.rpartition(":")[2], attributes)
    try:
        for start in range(0, len(data), _CHUNK_BYTES):
            if until is not None and time.thread_time() > until:
                return
            parser.Parse(data[start : start + _CHUNK_BYTES], start + _CHUNK_BYTES >= len(data))
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        raise Unparsed(Finding.DAMAGED) from error


def _refuse_doctype(_name: str, _system: str | None, _public: str | None, has_declarations: object) -> None:
    raise Unparsed(Finding.BOMB if has_declarations else Finding.DAMAGED)


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding or "").lower() not in _ENCODINGS:
        raise Unparsed(Finding.DAMAGED)


def plain(data: bytes) -> bytes:
    """
    Return a text in UTF-8 without comments and the like, so that it can be searched.

    Raises:
        Unparsed: it has more of them than any Office program writes.
    """
    wide = next((encoding for mark, encoding in _WIDE.items() if data.startswith(mark)), None)
    if wide:
        data = data.decode(wide, "replace").encode("utf-8", "replace")
    kept: list[bytes] = []
    position = 0
    while aside := _ASIDE.search(data, position):
        end = data.find(_ENDS[aside[0]], aside.end())
        if end < 0:
            break
        kept.append(data[position : aside.start()])
        if aside[0] == b"<![CDATA[":
            kept.append(data[aside.end() : end].replace(b"&", b"&amp;").replace(b"<", b"&lt;"))
        if len(kept) > MAX_ASIDES:
            raise Unparsed(Finding.TOO_COMPLEX)
        position = end + len(_ENDS[aside[0]])
    return b"".join([*kept, data[position:]])


def instructions(data: bytes) -> Iterator[str]:
    """
    Yield what each field of a story says it does, however many runs it is split over.

    Raises:
        Unparsed: it has more fields than are looked at.
    """
    data = plain(data)
    marks = sum(map(data.count, _FIELD_MARKS))
    if marks > MAX_MARKS:
        raise Unparsed(Finding.TOO_COMPLEX)
    open_fields: list[list[str]] = [[]]
    for token in _TOKEN.finditer(data) if marks else ():
        if token["simple"] is not None:
            yield _value(token["simple"])
        elif token["text"] is not None:
            open_fields[-1].append(_text(token["text"]))
        elif _value(token["char"]) == "begin":
            open_fields.append([])
        elif _value(token["char"]) == "end" and len(open_fields) > 1:
            yield "".join(open_fields.pop())
    yield from map("".join, open_fields)


def _value(attributes: bytes) -> str:
    found = _VALUE.search(attributes)
    return _text(found[1] or found[2] or b"") if found else ""


def _text(data: bytes) -> str:
    return html.unescape(data.decode("utf-8", "replace"))
