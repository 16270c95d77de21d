"""The parts of a mail (RFC 2046) as places in its bytes: delimiters are searched, bodies are never copied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.anatomy import Encoding, Suspicion
from intake.delimiters import LONGEST_BOUNDARY, DelimiterLines
from intake.encoded_words import read_parameters
from intake.headers import read_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.delimiters import Delimiter
    from intake.headers import Bytes, Fields

MOST_PARTS: Final = 500
DEEPEST: Final = 30
MOST_FALSE_DELIMITERS: Final = 10_000
MOST_FIELDS_IN_ALL: Final = 10_000
LONGEST_ASIDE: Final = 64 * 1024
"""How much text may stand before the first part and after the last one, where readers do not look."""

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+\-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+\-]{0,99}")
_ENCODINGS: Final = {
    "base64": Encoding.BASE64,
    "quoted-printable": Encoding.QUOTED_PRINTABLE,
    "uuencode": Encoding.UUENCODE,
    "x-uuencode": Encoding.UUENCODE,
    "uue": Encoding.UUENCODE,
    "x-uue": Encoding.UUENCODE,
    "7bit": Encoding.AS_IS,
    "8bit": Encoding.AS_IS,
    "binary": Encoding.AS_IS,
    "": Encoding.AS_IS,
}
_CODED: Final = frozenset({Encoding.BASE64, Encoding.UUENCODE})
_TRACES: Final = (b"content-disposition:", b"content-transfer-encoding:", b"\nbegin 6", b"\n=ybegin ")
"""What text beside the parts holds if there is a file in it that some readers would find."""
_ONCE: Final = (
    ("content-type", Suspicion.TWO_CONTENT_TYPES),
    ("content-transfer-encoding", Suspicion.TWO_ENCODINGS),
)


@dataclass(frozen=True, slots=True)
class Container:
    """A part that holds other parts."""

    media_type: str
    boundary: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    A part that holds no other parts; `within` are those that it lies in, outermost first.

    `disposition` and `raw_name` are what the fields say, `raw_name` decoded and nothing more. Of an unknown encoding,
    `encoding` is a guess.
    """

    fields: Fields
    media_type: str
    parameters: dict[str, str]
    encoding: Encoding
    start: int
    end: int
    within: tuple[Container, ...]
    disposition: str = ""
    raw_name: str | None = None
    has_known_encoding: bool = True

    def is_within(self, media_type: str) -> bool:
        """Say whether it lies in a part of that type, at any depth."""
        return any(container.media_type == media_type for container in self.within)


@dataclass(slots=True)
class Structure:
    """All leaves in order, and what was odd on the way to them."""

    fields: Fields
    media_type: str = "text/plain"
    leaves: list[Leaf] = field(default_factory=list[Leaf])
    suspicions: set[Suspicion] = field(default_factory=set[Suspicion])
    field_count: int = 0
    false_delimiters: int = 0
    lines: DelimiterLines | None = None


class _TooMuch(Exception):
    """A bound is reached; the rest is not looked at."""


def read_structure(data: Bytes) -> Structure:
    """Return the parts of a mail; beyond the bounds it stops with a suspicion and what it has."""
    fields = read_fields(data, 0, len(data))
    structure = Structure(fields)
    structure.media_type, _ = _content_type(structure, fields, default="text/plain")
    if not fields.items and data[fields.body_start : LONGEST_ASIDE].strip():
        structure.suspicions.add(Suspicion.BROKEN_HEADER)
    try:
        _scan(data, structure, fields, end=len(data), within=(), default="text/plain")
    except _TooMuch:
        assert structure.suspicions
    return structure


def _scan(
    data: Bytes, structure: Structure, fields: Fields, *, end: int, within: tuple[Container, ...], default: str
) -> None:
    structure.suspicions |= fields.suspicions
    structure.field_count += len(fields.items)
    if structure.field_count > MOST_FIELDS_IN_ALL:
        _give_up(structure, Suspicion.TOO_MANY_FIELDS)
    structure.suspicions |= {suspicion for name, suspicion in _ONCE if len(fields.values(name)) > 1}
    media_type, parameters = _content_type(structure, fields, default=default)
    if media_type.startswith("multipart/"):
        container = Container(media_type, parameters.get("boundary", "").rstrip())
        if container.boundary in {outer.boundary for outer in within}:
            structure.suspicions.add(Suspicion.REPEATED_BOUNDARY)
        if _encoding(fields) in _CODED:
            structure.suspicions.add(Suspicion.ENCODED_CONTAINER)
        if pieces := _pieces(data, structure, fields.body_start, end, boundary=container.boundary):
            _scan_pieces(data, structure, pieces, within=(*within, container))
            return
    if len(structure.leaves) == MOST_PARTS:
        _give_up(structure, Suspicion.TOO_MANY_PARTS)
    structure.leaves.append(_leaf(fields, media_type, parameters, end=end, within=within))


def _leaf(
    fields: Fields, media_type: str, parameters: dict[str, str], *, end: int, within: tuple[Container, ...]
) -> Leaf:
    disposition, pairs = read_parameters(fields.first("content-disposition") or "")
    names = [text for name, text in pairs if name == "filename"]
    known = _encoding(fields)
    return Leaf(
        fields=fields,
        media_type=media_type,
        parameters=parameters,
        encoding=known or Encoding.AS_IS,
        start=fields.body_start,
        end=end,
        within=within,
        disposition=disposition,
        raw_name=next(iter(names), None) or parameters.get("name") or None,
        has_known_encoding=known is not None,
    )


def _scan_pieces(
    data: Bytes, structure: Structure, pieces: list[tuple[int, int]], *, within: tuple[Container, ...]
) -> None:
    if len(within) > DEEPEST:
        _give_up(structure, Suspicion.TOO_DEEP)
    default = "message/rfc822" if within[-1].media_type == "multipart/digest" else "text/plain"
    for start, end in pieces:
        _scan(data, structure, read_fields(data, start, end), end=end, within=within, default=default)


def _content_type(structure: Structure, fields: Fields, *, default: str) -> tuple[str, dict[str, str]]:
    value = fields.first("content-type")
    if value is None:
        return default, {}
    media_type, pairs = read_parameters(value)
    if sum(name == "boundary" for name, _ in pairs) > 1:
        structure.suspicions.add(Suspicion.TWO_BOUNDARIES)
    if not _MEDIA_TYPE.fullmatch(media_type):
        media_type = "multipart/mixed" if media_type.startswith("multipart/") else "text/plain"
    return media_type, dict(reversed(pairs))


def _encoding(fields: Fields) -> Encoding | None:
    word = re.split(r"[\s(;]", (fields.first("content-transfer-encoding") or "").strip().strip("\"'"), maxsplit=1)[0]
    return _ENCODINGS.get(word.lower())


def _pieces(data: Bytes, structure: Structure, start: int, end: int, *, boundary: str) -> list[tuple[int, int]]:
    """Return where the parts between the delimiters lie; the line end before a delimiter belongs to it."""
    mark = boundary.encode("latin-1", errors="replace")
    if not mark or len(mark) > LONGEST_BOUNDARY:
        structure.suspicions.add(Suspicion.NO_BOUNDARY)
        return []
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    delimiters = _delimiters(data, structure, start, end, boundary=mark)
    for delimiter in delimiters:
        if opened is not None:
            pieces.append((opened, max(opened, _before_line_end(data, delimiter.start))))
        else:
            _check_aside(data, structure, start, delimiter.start)
        opened = None if delimiter.is_last else delimiter.after
        if delimiter.is_last:
            _check_end(data, structure, delimiter.after, end, rest=delimiters)
            break
        if len(pieces) + len(structure.leaves) > MOST_PARTS:
            _give_up(structure, Suspicion.TOO_MANY_PARTS)
    if opened is not None:
        pieces.append((opened, end))
    if not pieces:
        _check_aside(data, structure, start, end)
    return pieces


def _delimiters(data: Bytes, structure: Structure, start: int, end: int, *, boundary: bytes) -> Iterator[Delimiter]:
    structure.lines = structure.lines or DelimiterLines(data)
    if structure.lines.are_too_many:
        _give_up(structure, Suspicion.TOO_MANY_PARTS)
    for delimiter in structure.lines.between(start, end, boundary=boundary):
        if delimiter.is_whole:
            yield delimiter
            continue
        structure.suspicions.add(Suspicion.BROKEN_DELIMITER)
        structure.false_delimiters += 1
        if structure.false_delimiters > MOST_FALSE_DELIMITERS:
            _give_up(structure, Suspicion.TOO_MANY_PARTS)


def _check_end(data: Bytes, structure: Structure, start: int, end: int, *, rest: Iterator[Delimiter]) -> None:
    """Notice parts behind the last delimiter: some readers see them, some do not."""
    if next(rest, None):
        structure.suspicions.add(Suspicion.REPEATED_BOUNDARY)
    _check_aside(data, structure, start, end)


def _check_aside(data: Bytes, structure: Structure, start: int, end: int) -> None:
    """Notice a file in the text before or behind the parts, or so much text that it could hide one."""
    aside = b"\n" + data[start : min(end, start + LONGEST_ASIDE)].lower()
    if end - start > LONGEST_ASIDE or any(trace in aside for trace in _TRACES):
        structure.suspicions.add(Suspicion.HIDDEN_CONTENT)


def _before_line_end(data: Bytes, position: int) -> int:
    if data[position - 1 : position] != b"\n":
        return position
    return position - 2 if data[position - 2 : position - 1] == b"\r" else position - 1


def _give_up(structure: Structure, suspicion: Suspicion) -> None:
    structure.suspicions.add(suspicion)
    raise _TooMuch
