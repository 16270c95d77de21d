"""The text of files, by which they are found: what is kept of it, and why there may be none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

MOST_CHARACTERS: Final = 1_000_000
"""So much of one content is kept; the rest is not searched, which is told."""

MOST_PAGES: Final = 5_000

LONGEST_PIECE: Final = 10_000
"""A page, or what is cut of a text without pages, in one row: short enough for its words to be found quickly in it."""


class TextState(StrEnum):
    """How far the text of a content has been taken out."""

    PENDING = "PENDING"
    DONE = "DONE"
    NO_TEXT = "NO_TEXT"
    FAILED = "FAILED"


class TextProblem(StrEnum):
    """Why a content has no text that could be searched."""

    ENCRYPTED = "ENCRYPTED"
    DAMAGED = "DAMAGED"
    SCANNED = "SCANNED"
    OTHER_KIND = "OTHER_KIND"
    EMPTY = "EMPTY"
    NOT_READ = "NOT_READ"


_SENTENCES: Final[Mapping[TextProblem, str]] = {
    TextProblem.ENCRYPTED: "Tiene clave de apertura: no se puede buscar en su texto.",
    TextProblem.DAMAGED: "Está dañado: no se puede buscar en su texto.",
    TextProblem.SCANNED: "Escaneado sin texto: no se puede buscar en él.",
    TextProblem.OTHER_KIND: "Es de una clase de archivo sin texto en que buscar.",
    TextProblem.EMPTY: "No contiene texto en que buscar.",
    TextProblem.NOT_READ: "No se pudo leer todo su texto: puede que no se encuentre por sus palabras. Quien administra "
    "la mesa de partes puede pedir que se intente de nuevo.",
}


def explain_text(state: TextState, problem: TextProblem | None, *, scanned_pages: int, is_cut: bool) -> str | None:
    """Return what somebody should know who looks for words in a file; *scanned_pages* are those with no text at all."""
    if state is TextState.PENDING:
        return "Su texto todavía se está procesando: aún no se encuentra por sus palabras."
    if problem is not None:
        return _SENTENCES[problem]
    told = list[str]()
    if scanned_pages:
        told.append(f"{scanned_pages} {'página escaneada' if scanned_pages == 1 else 'páginas escaneadas'} sin texto.")
    if is_cut:
        told.append("Es muy largo: solo se busca en su comienzo.")
    return " ".join(told) or None


_HYPHENS = re.compile(r"(?:[\x02\xad\ufffe]|(?<=[^\W\d_])-(?=\r?\n[^\W\d_]))\r?\n?")
"""Where a word goes on in the next line: as a PDF's reader tells it, or as it was typed."""

_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\uffff"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Controls, marks of direction and of nothing, halves of pairs: what no word is looked for by."""

_BLANKS = re.compile(r"[^\S\n]+")
_EDGES = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")

_COMPOSED_AT_ONCE = 500
"""Composing takes the square of a run of accents; no honest line is so long."""


def clean_text(text: str) -> str:
    """Return a text as it is kept: composed (NFC), words whole at the ends of lines, without what cannot be seen."""
    text = _BREAKS.sub("\n", _HYPHENS.sub("", text))
    text = _EDGES.sub("\n", _BLANKS.sub(" ", _UNSEEN.sub("", text)))
    text = _EMPTY_LINES.sub("\n\n", text)
    return "\n".join(_composed(line) for line in text.split("\n")).strip()


def _composed(line: str) -> str:
    if line.isascii():
        return line
    parts = (line[at : at + _COMPOSED_AT_ONCE] for at in range(0, len(line), _COMPOSED_AT_ONCE))
    return "".join(unicodedata.normalize("NFC", part) for part in parts)


def pieces_of(text: str, *, longest: int = LONGEST_PIECE) -> list[str]:
    """Return a text in pieces, cut between words where there is a gap in the last tenth of a piece."""
    pieces, at = list[str](), 0
    while len(text) - at > longest:
        end = at + longest
        gap = max(text.rfind(blank, end - longest // 10, end) for blank in " \n")
        end = gap if gap > at else end
        pieces.append(text[at:end].strip())
        at = end
    pieces.append(text[at:].strip())
    return [piece for piece in pieces if piece]
