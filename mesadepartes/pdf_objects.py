"""Comparing two PDFs object by object: what they say, however it is compressed and wherever it stands in the file."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pikepdf

LARGEST_STREAM = 16 << 20
PLACES = ("/XRef", "/ObjStm")
SEAL = ("/ByteRange", "/Contents")


def have_same_objects(one: bytes, other: bytes, *, besides: str) -> bool:
    """
    Tell whether both hold the same objects under the same numbers, but for a seal's places and its signature.

    Streams are compared inflated, those of type *besides* not at all. *one* is ours: nothing is inflated to more than
    it holds.

    Raises:
        pikepdf.PdfError: one of them is damaged.
    """
    with _opened(one) as ours, _opened(other) as theirs:
        if len(ours.objects) != len(theirs.objects):
            return False
        numbers = range(1, len(ours.objects) + 1)
        return all(
            _is_same(ours.get_object((number, 0)), theirs.get_object((number, 0)), besides=besides)
            for number in numbers
        )


def _opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True)


def _is_same(ours: Any, theirs: Any, *, besides: str) -> bool:
    if not isinstance(ours, pikepdf.Stream):
        return not isinstance(theirs, pikepdf.Stream) and _told(ours) == _told(theirs)
    if not isinstance(theirs, pikepdf.Stream):
        return False
    kind = str(ours.get("/Type", ""))
    if kind in (*PLACES, besides):
        return str(theirs.get("/Type", "")) == kind
    return _told(ours.stream_dict) == _told(theirs.stream_dict) and _holds_same(ours, theirs)


def _told(value: Any) -> object:
    """Return a value to compare; what it refers to stands as its number."""
    if isinstance(value, pikepdf.Dictionary):
        kind = str(value.get("/Type", ""))
        left_out = SEAL if kind == "/Sig" else ("/Length",)
        return {key: _unparsed(each) for key, each in value.items() if key not in left_out}
    return _unparsed(value)


def _unparsed(value: Any) -> object:
    return value.unparse() if isinstance(value, pikepdf.Object) else (type(value), value)


def _holds_same(ours: Any, theirs: Any) -> bool:
    own, other = bytes(ours.read_raw_bytes()), bytes(theirs.read_raw_bytes())
    if str(ours.get("/Filter", "")) != "/FlateDecode":
        return own == other
    inflated = _inflated(own, most=LARGEST_STREAM)
    return inflated is not None and inflated == _inflated(other, most=len(inflated) + 1)


def _inflated(data: bytes, *, most: int) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, most)
    except zlib.error:
        return None
    return inflated if inflater.eof and not inflater.unused_data else None
