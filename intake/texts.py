"""What a mail says, as plain text: the beginning of its plain text, else of its HTML without markup, else of any."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from intake import decoding
from intake.charsets import decode_bytes
from intake.file_links import has_file_link
from rules.words import fit_text

if TYPE_CHECKING:
    from intake.headers import Bytes
    from intake.structure import Leaf

TEXT_LENGTH: Final = 4000
TEXT_BYTES: Final = 64 * 1024
MOST_TEXTS: Final = 20

_READABLE: Final = ("text/plain", "text/html")

_TAG = re.compile(r"<[^<>]{0,2000}>")
_HREF = re.compile(r"<a\s(?:[^>]{0,500}?\s)?href\s{0,5}=\s{0,5}[\"']?(https?://[^\s\"'<>]{1,500})", re.IGNORECASE)
_UNSHOWN = re.compile(r"<(?:!--|(?:script|style|title|template)\b)", re.IGNORECASE)
_ENDS: Final = {
    opening: re.compile(closing, re.IGNORECASE)
    for opening, closing in (
        ("<!--", "-->"),
        ("<script", "</script[^>]{0,100}>"),
        ("<style", "</style[^>]{0,100}>"),
        ("<title", "</title[^>]{0,100}>"),
        ("<template", "</template[^>]{0,100}>"),
    )
}


def read_text(data: Bytes, texts: list[tuple[Leaf, int]]) -> str:
    """Return the beginning of what the texts say; each comes with the place where its own text ends."""
    for rank in range(len(_READABLE) + 1):
        for leaf, end in [each for each in texts if _rank(each[0]) == rank][:MOST_TEXTS]:
            if text := _beginning(data, leaf, end).strip():
                return text
    return ""


def _rank(leaf: Leaf) -> int:
    """Plain text comes first, then HTML; what is neither, such as a multipart without parts, says something too."""
    return _READABLE.index(leaf.media_type) if leaf.media_type in _READABLE else len(_READABLE)


def _beginning(data: Bytes, leaf: Leaf, end: int) -> str:
    stop = min(end, leaf.start + TEXT_BYTES)
    content = b"".join(decoding.decoded(data, leaf.start, stop, encoding=leaf.encoding))
    text = decode_bytes(content, leaf.parameters.get("charset"))
    if leaf.media_type == "text/html":
        text = html.unescape(_TAG.sub(_left_of, _shown(text)))
    return fit_text(text, max_length=TEXT_LENGTH)


def _left_of(tag: re.Match[str]) -> str:
    """Return what is left of a tag: where it leads, if that is to files elsewhere."""
    found = _HREF.match(tag[0])
    return f" {found[1]} " if found and has_file_link(found[1]) else " "


def _shown(markup: str) -> str:
    """Return the markup without what no browser shows as text; what is not closed hides the rest."""
    kept: list[str] = []
    position = 0
    while opening := _UNSHOWN.search(markup, position):
        kept.append(markup[position : opening.start()])
        closing = _ENDS[opening[0].lower()].search(markup, opening.end())
        if closing is None:
            return "".join(kept)
        position = closing.end()
    return "".join([*kept, markup[position:]])
