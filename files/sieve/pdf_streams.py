"""How much the streams of a PDF would become: told from their filters and a little of what they hold."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

import pikepdf

from files.sieve.inflating import MEGABYTE, Work, is_suspicious, small_size
from files.sieve.old_packings import lzw_size, run_length_size
from files.sieve.pdf_actions import text_of

MOST_INFLATED: Final = 512 * MEGABYTE
"""What streams may become, those together of which the size is not told by what they are."""
MOST_OF_STRUCTURE: Final = 32 * MEGABYTE
"""What those streams may become, together, that hold the objects of a file."""
MOST_EXPANDING: Final = 2
MOST_FILTERS: Final = 6

_FLATE: Final = frozenset({"/FlateDecode", "/Fl"})
_LZW: Final = frozenset({"/LZWDecode", "/LZW"})
_RUN_LENGTH: Final = frozenset({"/RunLengthDecode", "/RL"})
_EXPANDING: Final = _FLATE | _LZW | _RUN_LENGTH
_LEAST_LOOKED_AT: Final = 1 << 16
_MOST_CODES: Final = 200_000
"""So much of what is packed as it was long ago is counted in all, and a quarter of it of one stream."""
_SCREENED: Final = 64
_FEW_VALUES: Final = 8


def filters_of(stream: Any) -> list[str]:
    """Return the names of a stream's filters."""
    value = stream.get("/Filter")
    if isinstance(value, pikepdf.Name):
        return [text_of(value)]
    names = list(value) if isinstance(value, pikepdf.Array) else []
    return [text_of(each) if isinstance(each, pikepdf.Name) else "" for each in names]


def of_structure() -> Inflation:
    """Return what adds up streams that must be inflated for the file to be opened, or walked through, at all."""
    return Inflation(most=MOST_OF_STRUCTURE, least_looked_at=0)


class Inflation:
    """Adds up what the streams of one file would become, with a bound on the work of finding out."""

    def __init__(self, *, most: int = MOST_INFLATED, least_looked_at: int = _LEAST_LOOKED_AT) -> None:
        self._most = most
        self._least_looked_at = least_looked_at
        self._work = Work()
        self._codes = _MOST_CODES
        self._total = 0

    @property
    def is_bomb(self) -> bool:
        """Say whether it is too much."""
        return self._total > self._most

    def add(self, stream: Any) -> None:
        """Take one more stream into account, whatever it may be."""
        filters = filters_of(stream)
        expanding = sum(each in _EXPANDING for each in filters)
        if expanding > MOST_EXPANDING or len(filters) > MOST_FILTERS:
            self._total = self._most + 1
        elif expanding and not self.is_bomb:
            self._add_looked_at(stream, filters, expanding)

    def add_flate(self, data: bytes) -> None:
        """Take into account what was found without its dictionary."""
        if not self.is_bomb:
            self._total += self._size(data, ["/FlateDecode"])

    def _add_looked_at(self, stream: Any, filters: list[str], expanding: int) -> None:
        length = stream.get("/Length")
        told = length if isinstance(length, int) else self._least_looked_at
        data = bytes(stream.read_raw_bytes())
        if expanding == 1 and told < self._least_looked_at:
            size = small_size(data) if _is_monotonous(data) else 0
        else:
            size = self._size(data, filters, grows_early=_grows_early(stream))
        if size > _told_size(stream):
            self._total += size

    def _take_codes(self, wanted: int) -> int:
        taken = min(wanted, self._codes, _MOST_CODES // 4)
        self._codes -= taken
        return taken

    def _size(self, data: bytes, filters: list[str], *, grows_early: bool = True) -> int:
        """Return about how many bytes it would become, 0 if that is nothing to think of."""
        for name in filters:
            if name in _FLATE:
                break
            if name in _RUN_LENGTH:
                return run_length_size(data, most=self._take_codes(len(data) // 2))
            if name in _LZW:
                return lzw_size(data, is_early=grows_early, most=self._take_codes(len(data) * 8 // 9))
            data = _plain(data, name)
        depth = sum(each in _FLATE for each in filters)
        if depth == 0:
            return 0
        if depth == 1 and not is_suspicious(data):
            return 0
        return self._work.size(data, depth=depth)


def _grows_early(stream: Any) -> bool:
    parameters = stream.get("/DecodeParms")
    each = list(parameters) if isinstance(parameters, pikepdf.Array) else [parameters]
    return all(one.get("/EarlyChange", 1) != 0 for one in each if isinstance(one, pikepdf.Dictionary))


def _is_monotonous(data: bytes) -> bool:
    """Say whether it looks packed from almost nothing: quick, for many small streams may be one large bomb."""
    return len(set(data[len(data) // 2 :][:_SCREENED])) < _FEW_VALUES


def _plain(data: bytes, name: str) -> bytes:
    """Undo what only writes bytes with letters; anything else is left as it is."""
    text = data[: 8 * MEGABYTE]
    try:
        if name in ("/ASCIIHexDecode", "/AHx"):
            return binascii.unhexlify(b"".join(text.partition(b">")[0].split()))
        if name in ("/ASCII85Decode", "/A85"):
            return base64.a85decode(text.partition(b"~>")[0])
    except ValueError:
        return b""
    return data


def _told_size(stream: Any) -> int:
    """Return how much a picture says that it holds: to be large is no trick of its own."""
    if stream.get("/Subtype") != pikepdf.Name.Image:
        return 0
    return picture_bytes(stream)


def picture_bytes(stream: Any) -> int:
    """Return how many bytes a picture has once it is decoded, by what it says, four colours taken for granted."""
    width, height, bits = (stream.get(key) for key in ("/Width", "/Height", "/BitsPerComponent"))
    if not isinstance(width, int) or not isinstance(height, int):
        return 0
    if stream.get("/ImageMask") is True:
        bits = 1
    depth = bits if isinstance(bits, int) and 0 < bits <= 16 else 8
    return max(0, width) * max(0, height) * depth * _components(stream.get("/ColorSpace")) // 8


def _components(space: Any) -> int:
    if isinstance(space, pikepdf.Array) and len(space):
        space = space[0]
        if space == pikepdf.Name.Indexed:
            return 1
    if isinstance(space, pikepdf.Name):
        return {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3, "/Lab": 3}.get(text_of(space), 4)
    return 3
