"""The parts of a mail (RFC 2046) as places in its bytes: delimiters are searched, bodies are never copied."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from intake.anatomy import Encoding, Suspicion
from intake.encoded_words import read_parameters
from intake.headers import read_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intake.headers import Bytes, Fields

MOST_PARTS: Final = 1000
DEEPEST: Final = 30
LONGEST_BOUNDARY: Final = 1000
LONGEST_DELIMITER: Final = 2 * LONGEST_BOUNDARY
MOST_FALSE_DELIMITERS: Final = 10_000

_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+\-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+\-]{0,99}")
_ENCODINGS: Final = {
    "base64": Encoding.BASE64,
    "quoted-printable": Encoding.QUOTED_PRINTABLE,
    "uuencode": Encoding.UUENCODE,
    "x-uuencode": Encoding.UUENCODE,
    "uue": Encoding.UUENCODE,
    "x-uue": Encoding.UUENCODE,
}
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
    """A part that holds no other parts; `within` are those that it lies in, outermost first."""

    fields: Fields
    media_type: str
    parameters: dict[str, str]
    encoding: Encoding
    start: int
    end: int
    within: tuple[Container, ...]


@dataclass(slots=True)
class Structure:
    """All leaves in order, and what was odd on the way to them."""

    fields: Fields
    media_type: str = "text/plain"
    leaves: list[Leaf] = field(default_factory=list[Leaf])
    suspicions: set[Suspicion] = field(default_factory=set[Suspicion])


class _TooMuch(Exception):
    """A bound is reached; the rest is not looked at."""


def read_structure(data: Bytes) -> Structure:
    """Return the parts of a mail; beyond the bounds it stops with a suspicion and what it has."""
    fields = read_fields(data, 0, len(data))
    structure = Structure(fields)
    structure.media_type, _ = _content_type(structure, fields, default="text/plain")
    try:
        _scan(data, structure, fields, end=len(data), within=(), default="text/plain")
    except _TooMuch:
        assert structure.suspicions
    return structure


def _scan(
    data: Bytes, structure: Structure, fields: Fields, *, end: int, within: tuple[Container, ...], default: str
) -> None:
    structure.suspicions |= fields.suspicions
    structure.suspicions |= {suspicion for name, suspicion in _ONCE if len(fields.values(name)) > 1}
    media_type, parameters = _content_type(structure, fields, default=default)
    if media_type.startswith("multipart/"):
        container = Container(media_type, parameters.get("boundary", "").rstrip())
        if container.boundary in {outer.boundary for outer in within}:
            structure.suspicions.add(Suspicion.REPEATED_BOUNDARY)
        if pieces := _pieces(data, structure, fields.body_start, end, boundary=container.boundary):
            _scan_pieces(data, structure, pieces, within=(*within, container))
            return
    if len(structure.leaves) == MOST_PARTS:
        _give_up(structure, Suspicion.TOO_MANY_PARTS)
    encoding = _encoding(fields)
    structure.leaves.append(Leaf(fields, media_type, parameters, encoding, fields.body_start, end, within))


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
    known = _MEDIA_TYPE.fullmatch(media_type)
    return (media_type if known else "text/plain"), dict(reversed(pairs))


def _encoding(fields: Fields) -> Encoding:
    word = re.split(r"[\s(;]", (fields.first("content-transfer-encoding") or "").strip().strip("\"'"), maxsplit=1)[0]
    return _ENCODINGS.get(word.lower(), Encoding.AS_IS)


def _pieces(data: Bytes, structure: Structure, start: int, end: int, *, boundary: str) -> list[tuple[int, int]]:
    """Return where the parts between the delimiters lie; the line end before a delimiter belongs to it."""
    mark = boundary.encode("latin-1", errors="replace")
    if not mark or len(mark) > LONGEST_BOUNDARY:
        structure.suspicions.add(Suspicion.NO_BOUNDARY)
        return []
    pieces: list[tuple[int, int]] = []
    opened: int | None = None
    for position, after, is_last in _delimiters(data, structure, start, end, mark=b"--" + mark):
        if opened is not None:
            pieces.append((opened, max(opened, _before_line_end(data, position))))
        opened = None if is_last else after
        if is_last:
            _check_end(data, structure, after, end, mark=b"--" + mark)
            break
        if len(pieces) + len(structure.leaves) > MOST_PARTS:
            _give_up(structure, Suspicion.TOO_MANY_PARTS)
    if opened is not None:
        pieces.append((opened, end))
    return pieces


def _delimiters(
    data: Bytes, structure: Structure, start: int, end: int, *, mark: bytes
) -> Iterator[tuple[int, int, bool]]:
    position, false = start, 0
    while (found := data.find(mark, position, end)) >= 0:
        position = found + len(mark)
        stands_first = found == start or data[found - 1 : found] == b"\n"
        after = _line_end(data, position, end) if stands_first else None
        rest = data[position:after].strip() if after is not None else None
        if after is not None and rest in (b"", b"--"):
            yield found, after, rest == b"--"
            position = after
            continue
        false += 1
        if false > MOST_FALSE_DELIMITERS:
            _give_up(structure, Suspicion.TOO_MANY_PARTS)


def _check_end(data: Bytes, structure: Structure, start: int, end: int, *, mark: bytes) -> None:
    """Notice parts behind the last delimiter: some readers see them, some do not."""
    if next(_delimiters(data, structure, start, end, mark=mark), None):
        structure.suspicions.add(Suspicion.REPEATED_BOUNDARY)


def _line_end(data: Bytes, position: int, end: int) -> int | None:
    """Return where the next line begins; None if that is too far away for a delimiter."""
    bound = min(end, position + LONGEST_DELIMITER)
    found = data.find(b"\n", position, bound)
    if found >= 0:
        return found + 1
    return end if bound == end else None


def _before_line_end(data: Bytes, position: int) -> int:
    if data[position - 1 : position] != b"\n":
        return position
    return position - 2 if data[position - 2 : position - 1] == b"\r" else position - 1


def _give_up(structure: Structure, suspicion: Suspicion) -> None:
    structure.suspicions.add(suspicion)
    raise _TooMuch
