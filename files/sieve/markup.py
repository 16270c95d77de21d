"""XML of Office files: read without ever expanding anything, and the instructions of fields that lie in it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from rules.verdicts import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ENCODINGS: Final = frozenset({"", "utf-8", "utf-16", "us-ascii", "ascii"})
"""Office reads no other (ECMA-376-2, 8.1.1)."""
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0?\0", b"\0<\0?")
_COMMENT: Final = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ATTRIBUTES: Final = rb"""(?:[^>"']|"[^"]*"|'[^']*')*+"""
_TOKEN: Final = re.compile(
    rb"<(?:[\w.-]+:)?(?:"
    rb"(?:del)?[iI]nstrText\b" + _ATTRIBUTES + rb"(?<!/)>(?P<text>.*?)</"
    rb"|fldChar\b(?P<char>" + _ATTRIBUTES + rb")>"
    rb"|fldSimple\b(?P<simple>" + _ATTRIBUTES + rb")>)",
    re.DOTALL,
)
_VALUE: Final = re.compile(rb"""\b(?:instr|fldCharType)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CDATA: Final = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)


class Unparsed(Exception):
    """It is not XML as Office writes it; `finding` says how bad that is."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding)
        self.finding = finding


def parse(data: bytes, on_start: Callable[[str, dict[str, str]], None] | None = None) -> None:
    """
    See that it is well-formed; tell *on_start* the local name and the attributes of each element.

    No Office file has a document type: where entities could be declared, they are a bomb (and none is expanded).

    Raises:
        Unparsed: it is not well-formed, or declares a document type or an encoding that Office does not read.
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _check_encoding
    if on_start is not None:
        parser.StartElementHandler = lambda name, attributes: on_start(name.rpartition(":")[2], attributes)
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError, LookupError, ValueError) as error:
        raise Unparsed(Finding.DAMAGED) from error


def _refuse_doctype(_name: str, _system: str | None, _public: str | None, has_declarations: object) -> None:
    raise Unparsed(Finding.BOMB if has_declarations else Finding.DAMAGED)


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding or "").lower() not in _ENCODINGS:
        raise Unparsed(Finding.DAMAGED)


def instructions(data: bytes) -> Iterator[str]:
    """Yield what each field of a story says it does, however many runs it is split over."""
    if data.startswith(_WIDE):
        data = data.decode("utf-16", "replace").encode()
    if b"nstrText" not in data and b"fldSimple" not in data:
        return
    open_fields = [""]
    for token in _TOKEN.finditer(_COMMENT.sub(b"", data)):
        if token["simple"] is not None:
            yield _value(token["simple"])
        elif token["text"] is not None:
            open_fields[-1] += _text(token["text"])
        elif _value(token["char"]) == "begin":
            open_fields.append("")
        elif _value(token["char"]) == "end" and len(open_fields) > 1:
            yield open_fields.pop()
    yield from open_fields


def _value(attributes: bytes) -> str:
    found = _VALUE.search(attributes)
    return _text(found[1] or found[2] or b"") if found else ""


def _text(data: bytes) -> str:
    return html.unescape(_CDATA.sub(rb"\1", data).decode("utf-8", "replace"))
