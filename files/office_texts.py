"""The text of Office files made of XML (.docx, .xlsx), in the jail: streamed, within budgets, no entity is resolved."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPES = "[Content_Types].xml"
MOST_INFLATED_BYTES = 64 * 2**20
MOST_STRINGS_CHARACTERS = 8_000_000
CHUNK_BYTES = 64 * 1024

WORD_PARTS = ("document.main+xml", "template.main+xml", "footnotes+xml", "endnotes+xml", "header+xml", "footer+xml")
SHEET = "worksheet+xml"
STRINGS = "sharedStrings+xml"
BOOKS = ("sheet.main+xml", "template.main+xml")
"""How the types of the parts end that have text, with macros or without."""


class Enough(Exception):
    """More text, or more bytes, than are looked at; what was read until then counts."""


class NotXml(Exception):
    """It brings a document type, or is no XML."""


class Words:
    """Text as it is gathered, up to so many characters."""

    def __init__(self, most: int) -> None:
        self.parts: list[str] = []
        self._room = most

    def add(self, text: str) -> None:
        """Gather a text; of the one that is too long, what fits."""
        self.parts.append(text[: self._room])
        self._room -= len(text)
        if self._room < 0:
            raise Enough

    def text(self) -> str:
        """Return all of it."""
        return "".join(self.parts)


class Package:
    """An open file of parts, with a budget of bytes for all that is read of it."""

    def __init__(self, path: str) -> None:
        self._zip = zipfile.ZipFile(path)
        self._room = MOST_INFLATED_BYTES
        self.types = self._types()

    def close(self) -> None:
        """Close it."""
        self._zip.close()

    def parts(self, *endings: str) -> list[str]:
        """Return the names of parts whose type ends so, in the order of the file."""
        return [name for name in self._zip.namelist() if self.types.get(name, "").endswith(endings)]

    def parse(
        self,
        name: str,
        *,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """
        Read a part; the functions are given names without what stands before them.

        Raises:
            Enough: the budget is used up.
            NotXml: it is none that is read here.
        """
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
        if end:
            parser.EndElementHandler = lambda tag: end(_local(tag))
        parser.CharacterDataHandler = text
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(CHUNK_BYTES):
                    self._room -= len(chunk)
                    if self._room < 0:
                        raise Enough
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise NotXml from error

    def _types(self) -> dict[str, str]:
        found = dict[str, str]()

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Override":
                found[attributes.get("PartName", "").lstrip("/")] = attributes.get("ContentType", "")

        self.parse(CONTENT_TYPES, start=start)
        return found


def _refuse(*_declared: object) -> None:
    raise NotXml


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def kind_of(package: Package) -> str | None:
    """Say what the file is, by the types of its parts."""
    types = package.types.values()
    if any("wordprocessingml" in each or "ms-word" in each for each in types):
        return "docx"
    return "xlsx" if any("spreadsheetml" in each or "ms-excel" in each for each in types) else None


def read_word(package: Package, words: Words) -> None:
    """Gather the text of a document, its notes, headers and footers; not what was struck out, nor codes of fields."""
    for name in package.parts(*WORD_PARTS):
        _WordPart(package, words).read(name)
        words.add("\n")


class _WordPart:
    """Reads one part of a document. Of what is there in two forms for different programs, the second is passed over."""

    def __init__(self, package: Package, words: Words) -> None:
        self._package, self._words = package, words
        self._is_text, self._in_fallback = False, 0

    def read(self, name: str) -> None:
        self._package.parse(name, start=self._start, end=self._end, text=self._text)

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._in_fallback += tag == "Fallback"
        self._is_text = tag == "t"
        if tag in ("br", "cr", "tab"):
            self._gather("\t" if tag == "tab" else "\n")

    def _end(self, tag: str) -> None:
        self._in_fallback -= tag == "Fallback"
        self._is_text = False
        if tag in ("p", "tc"):
            self._gather("\n" if tag == "p" else "\t")

    def _text(self, text: str) -> None:
        if self._is_text:
            self._gather(text)

    def _gather(self, text: str) -> None:
        if not self._in_fallback:
            self._words.add(text)


def read_sheets(package: Package, words: Words) -> None:
    """Gather what the cells of a workbook show, row by row, and the names of its sheets; numbers as they are kept."""

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            words.add(attributes.get("name", "") + "\n")

    for book in package.parts(*BOOKS):
        package.parse(book, start=start)
    strings = _Strings(package)
    for name in package.parts(STRINGS):
        strings.read(name)
    for name in package.parts(SHEET):
        _Sheet(package, words, strings.found).read(name)
        words.add("\n")


class _Strings:
    """Reads the strings that cells refer to; of more than fit, the first ones."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._is_text, self._in_phonetic, self._room = False, 0, MOST_STRINGS_CHARACTERS
        self._said: list[str] = []
        self.found: list[str] = []

    def read(self, name: str) -> None:
        self._package.parse(name, start=self._start, end=self._end, text=self._text)

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._in_phonetic += tag == "rPh"
        self._is_text = tag == "t" and not self._in_phonetic

    def _end(self, tag: str) -> None:
        self._in_phonetic -= tag == "rPh"
        self._is_text = False
        if tag == "si":
            self.found.append("".join(self._said))
            self._said = []

    def _text(self, text: str) -> None:
        if self._is_text and self._room > 0:
            self._room -= len(text)
            self._said.append(text)


class _Sheet:
    """Reads one sheet."""

    def __init__(self, package: Package, words: Words, strings: list[str]) -> None:
        self._package, self._words, self._strings = package, words, strings
        self._type, self._is_value, self._said = "", False, list[str]()

    def read(self, name: str) -> None:
        self._package.parse(name, start=self._start, end=self._end, text=self._text)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._type, self._said = attributes.get("t", "n"), []
        self._is_value = tag in ("v", "t")

    def _end(self, tag: str) -> None:
        self._is_value = False
        if tag == "c" and self._said:
            self._words.add(self._shown("".join(self._said)) + "\t")
        elif tag == "row":
            self._words.add("\n")

    def _text(self, text: str) -> None:
        if self._is_value:
            self._said.append(text)

    def _shown(self, said: str) -> str:
        if self._type != "s":
            return said
        index = int(said) if said.isdecimal() and len(said) < len(str(len(self._strings))) + 1 else -1
        return self._strings[index] if 0 <= index < len(self._strings) else ""
