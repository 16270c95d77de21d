"""Takes files out of a PDF that are attached to it: clamd does not see those that are compressed."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import pikepdf
from pikepdf.settings import set_qpdf_limits

from files.extracts.room import Room, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

HOLDERS: Final = ("/EF", "/RF")
"""Under which keys of a file specification its bytes are, and those of files that belong to it (ISO 32000-1, 7.11)."""

WRONG: Final = (pikepdf.PikepdfError, ValueError, RuntimeError)
"""What reading it raises: locked, damaged, or made so that numbers and names are none."""


def take_out(data: bytes, room: Room) -> Iterator[bytes]:
    """
    Yield what is attached, wherever it hangs: a file, whoever names it, is one of its objects.

    Raises:
        Unreadable: it cannot be read, or not to its end.
        Full: there is no room for more.
    """
    limit = room.bytes_each
    set_qpdf_limits(flate_max_memory=limit, run_length_max_memory=limit, png_max_memory=limit, tiff_max_memory=limit)
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as document:
            for stream in _attached(document):
                room.enter()
                content = _content(stream)
                if content is None or not room.fits(len(content)):
                    room.miss()
                else:
                    room.take(len(content))
                    yield content
    except WRONG as error:
        raise Unreadable from error


def _attached(document: pikepdf.Pdf) -> Iterator[pikepdf.Stream]:
    """Yield each once."""
    known: set[tuple[int, int]] = set()
    for each in document.objects:
        for found in _streams_at(each):
            if isinstance(found, pikepdf.Stream) and found.objgen not in known:
                known.add(found.objgen)
                yield found


def _streams_at(each: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield what is attached by an object, or by one that stands in it; those it refers to have their own turn."""

    waiting = [each]
    while waiting:
        current = waiting.pop()
        if isinstance(current, pikepdf.Array):
            waiting += [inner for inner in _values(current) if not inner.is_indirect]
        elif isinstance(current, pikepdf.Dictionary | pikepdf.Stream):
            if current.get("/Type") == "/EmbeddedFile":
                yield current
            for key in HOLDERS:
                yield from _held(current.get(key))
            waiting += [inner for inner in _values(current) if not inner.is_indirect]


def _held(holder: object) -> Iterator[pikepdf.Object]:
    """Yield what is in a dictionary of files, or of lists of names and files."""

    if isinstance(holder, pikepdf.Dictionary):
        for value in _values(holder):
            yield value
            if isinstance(value, pikepdf.Array):
                yield from _values(value)


def _values(holder: pikepdf.Object) -> list[pikepdf.Object]:
    dictionary = holder.stream_dict if isinstance(holder, pikepdf.Stream) else holder
    is_list = isinstance(dictionary, pikepdf.Array)
    values: list[object] = list(dictionary if is_list else dictionary.as_dict().values())
    return [value for value in values if isinstance(value, pikepdf.Object)]


def _content(stream: pikepdf.Stream) -> bytes | None:

    try:
        return stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    except WRONG:
        return None
