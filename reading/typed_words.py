"""Words as people type them to find something, and as the database is asked for them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from rules.refusals import InvalidInput

LONGEST_TEXT = 200
MOST_WORDS = 10
LONGEST_WORD = 40
SHORTEST_BEGINNING = 3
"""In files, a last word is taken for a beginning from so many letters on; fewer begin nearly everything."""

_WORD = re.compile(r"[^\W_]+")
_MANY = re.compile(r"(ion|es|en)es\Z", re.ASCII | re.IGNORECASE)
"""Endings of many that are those of one and «es», as the migrations that make the columns of words have them."""
_ONE_OF_MANY = re.compile(r"(ion|es|en)\Z", re.ASCII | re.IGNORECASE)
_PHRASE = re.compile(r'["«“]([^"«»“”]*)["»”]')


class TextUnsearchable(InvalidInput):
    """The text holds nothing that can be looked for, or too much."""

    code = "TEXT_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__(f"Escriba al menos una palabra, y hasta {LONGEST_TEXT} caracteres.")


def search_words(text: str) -> str:
    """
    Return a text as PostgreSQL's `to_tsquery` takes it: all of its words, of the last one the beginning.

    Only letters and digits are left of it, so nothing that a person types is syntax. Words for many become those for
    one, as in what is searched, where that makes the stemmer see the same word with and without its accent.

    Raises:
        TextUnsearchable: there is no word, or the text is too long.
    """
    return " & ".join(_words_of(text)) + ":*"


def _words_of(text: str) -> list[str]:
    if len(text) > LONGEST_TEXT:
        raise TextUnsearchable
    words = _words_in(unicodedata.normalize("NFC", text))
    if not words:
        raise TextUnsearchable
    return words


def _words_in(text: str) -> list[str]:
    return [_MANY.sub(r"\1", word[:LONGEST_WORD]) for word in _WORD.findall(text)][:MOST_WORDS]


@dataclass(frozen=True)
class FileWords:
    """
    Words that are looked for in files, as `to_tsquery` takes them.

    `all_of_them` are somewhere in the file, each of the `phrases` in one piece of it; `any_of_them` is what is shown,
    in the forms in which it may be written.
    """

    all_of_them: str
    phrases: tuple[str, ...]
    any_of_them: str


def file_words(text: str) -> FileWords:
    """
    Return what is looked for in files: all words, of the last one the beginning; in quotation marks, in that order.

    Raises:
        TextUnsearchable: there is no word, or the text is too long.
    """
    words, typed = _words_of(text), unicodedata.normalize("NFC", text)
    if typed.rstrip()[-1].isalnum() and len(words[-1]) >= SHORTEST_BEGINNING:
        words[-1] += ":*"
    phrases = map(_words_in, _PHRASE.findall(typed))
    forms = [form for word in words for form in _forms(word)]
    return FileWords(
        " & ".join(dict.fromkeys(words)),
        tuple(" <-> ".join(phrase) for phrase in phrases if len(phrase) > 1),
        " | ".join(dict.fromkeys(forms)),
    )


def _forms(word: str) -> list[str]:
    """Return a word as it is written for one, and for many if those are not seen to be the same without an accent."""
    return [word, word + "es"] if _ONE_OF_MANY.search(word) else [word]
