"""Words as people read them, and the text of their hands as it may be kept."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Protocol

from rules.refusals import InvalidInput

SUBJECT_MAX_LENGTH: Final = 300
DOCUMENT_NUMBER_MAX_LENGTH: Final = 100
STATEMENT_MAX_LENGTH: Final = 4000
REASON_MAX_LENGTH: Final = 500
FOLIOS_MAX: Final = 99_999
MARKS_IN_A_ROW: Final = 4
GLIMPSE_LENGTH: Final = 30

_SPACES = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NO_NUMBER = re.compile(r"s\s*[/.\-]?\s*n\s*[/.]?|sin\s+n[uú]mero|sin\s+n(?:ro|º|°)?\.?", re.IGNORECASE)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})


class Labelled(Protocol):
    """An enum member that knows its Spanish word."""

    @property
    def label(self) -> str:
        """The Spanish word for people."""
        ...


class TextMissing(InvalidInput):
    """A required text is absent or holds nothing that can be read."""

    code = "TEXT_MISSING"

    def __init__(self, message: str = "Complete este dato: es obligatorio.") -> None:
        super().__init__(message)


class TextTooLong(InvalidInput):
    """A text is longer than its field."""

    code = "TEXT_TOO_LONG"

    def __init__(self, max_length: int) -> None:
        super().__init__(f"El texto es demasiado largo: puede tener hasta {max_length} caracteres.")


class TextUnreadable(InvalidInput):
    """A text holds what is no character, such as NUL, which PostgreSQL cannot keep either."""

    code = "TEXT_UNREADABLE"

    def __init__(self) -> None:
        super().__init__("El texto contiene caracteres que no se pueden leer. Vuelva a escribirlo en lugar de pegarlo.")


class InvalidFolios(InvalidInput):
    """The number of folios is out of range."""

    code = "INVALID_FOLIOS"

    def __init__(self) -> None:
        super().__init__("Indique el número de folios: un entero de 1 a 99999.")


def glimpse(text: str) -> str:
    """Return the beginning of what somebody wrote, as it may be repeated to them: nothing that a terminal obeys."""
    seen = "".join(letter for letter in text[: 2 * GLIMPSE_LENGTH] if letter.isprintable())
    return seen if len(text) <= GLIMPSE_LENGTH else f"{seen[:GLIMPSE_LENGTH]}…"


def clean_text(text: str | None, *, max_length: int, required: bool = True) -> str:
    """
    Return *text* as one line in NFC, without control, bidirectional or other invisible characters.

    White space is collapsed, and of more than four combining marks in a row the rest is dropped. Length is judged
    before normalising, which takes time that is quadratic in a run of combining marks. Empty if nothing is left.

    Raises:
        TextMissing: nothing is left, and it is *required*.
        TextTooLong: more than *max_length* characters.
        TextUnreadable: NUL or half a surrogate pair.
    """
    kept = _legible(text or "", max_length)
    return _measured(_one_line(kept), max_length, required)


def clean_paragraph(text: str | None, *, max_length: int, required: bool = True) -> str:
    """
    Return *text* like `clean_text`, but keep its line ends as LF, at most one blank line in a row.

    Raises:
        TextMissing: nothing is left, and it is *required*.
        TextTooLong: more than *max_length* characters.
        TextUnreadable: NUL or half a surrogate pair.
    """
    kept = _legible(text or "", max_length)
    lines = [_one_line(line) for line in _LINE_ENDS.split(kept)]
    return _measured(_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip(), max_length, required)


def fit_text(text: str, *, max_length: int) -> str:
    """Return *text* as one clean line, whatever it holds, cut with an ellipsis to *max_length*; refuses nothing."""
    readable = _SURROGATES.sub("\ufffd", text[: 4 * max_length + 4])
    line = _one_line(readable)
    return line if len(line) <= max_length else line[: max_length - 1].rstrip() + "…"


def clean_subject(text: str | None) -> str:
    """
    Return what a trámite is about, 1 to 300 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `clean_text`.
    """
    try:
        return clean_text(text, max_length=SUBJECT_MAX_LENGTH)
    except TextMissing:
        raise TextMissing("Escriba el asunto: qué pide o qué presenta, en pocas palabras.") from None


def clean_statement(text: str | None) -> str:
    """
    Return what staff or an applicant say in an act (an observation, an answer): paragraphs, up to 4,000 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `clean_text`.
    """
    return clean_paragraph(text, max_length=STATEMENT_MAX_LENGTH)


def clean_reason(text: str | None) -> str | None:
    """
    Return why somebody does what they need not explain, up to 500 characters; None if nothing is said.

    Raises:
        TextTooLong, TextUnreadable: what they say.
    """
    return clean_paragraph(text, max_length=REASON_MAX_LENGTH, required=False) or None


def clean_required_reason(text: str | None) -> str:
    """
    Return why staff do what must be explained to the applicant, 1 to 500 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `clean_text`.
    """
    return clean_paragraph(text, max_length=REASON_MAX_LENGTH)


def clean_document_number(text: str | None) -> str | None:
    """
    Return the number of the filed document, or None if it has none: empty, «SN», «S/N», «sin número».

    Raises:
        TextTooLong: more than 100 characters.
        TextUnreadable: as `clean_text`.
    """
    number = clean_text(text, max_length=DOCUMENT_NUMBER_MAX_LENGTH, required=False)
    return None if not number or _NO_NUMBER.fullmatch(number) else number


def clean_folios(folios: int) -> int:
    """
    Return the number of folios (sheets) that the applicant declares.

    Raises:
        InvalidFolios: it is not from 1 to 99,999.
    """
    if not 1 <= folios <= FOLIOS_MAX:
        raise InvalidFolios
    return folios


def _legible(text: str, max_length: int) -> str:
    """Refuse what is far too long before looking at each character; four to one leaves room for invisible ones."""
    if len(text) > 4 * max_length:
        raise TextTooLong(max_length)
    if "\0" in text or _SURROGATES.search(text):
        raise TextUnreadable
    return text


def _one_line(text: str) -> str:
    spaced = _SPACES.sub(" ", text)
    if spaced.isascii() and spaced.isprintable():
        return spaced.strip()  # nothing in it to leave out or to join
    visible = "".join(_cap_marks(spaced))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def _cap_marks(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in _INVISIBLE:
            continue
        marks = marks + 1 if category.startswith("M") else 0
        if marks <= MARKS_IN_A_ROW:
            kept.append(character)
    return kept


def _measured(text: str, max_length: int, required: bool) -> str:
    if len(text) > max_length:
        raise TextTooLong(max_length)
    if required and not text:
        raise TextMissing
    return text
