"""Looks at the parts of a .docx or .xlsx (ECMA-376): what it truly is, and what is in it besides text and numbers."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from files.sieve import marks
from files.sieve.fields import asks_others, formulas_ask_others, formulas_load, loads_from_elsewhere
from files.sieve.markup import Unparsed, instructions, parse, plain
from rules.verdicts import Finding, Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from files.sieve.markup import OnStart
    from files.sieve.zip_contents import Contents
    from files.sieve.zip_directory import Member

CONTENT_TYPES: Final = "[content_types].xml"
BUDGET_BYTES: Final = 8 << 20
"""What is read of the parts of a file at most."""
_SHEET_BYTES: Final = 1 << 20
MAX_ELEMENTS: Final = 10_000
"""Relationships and content types of one file; a workbook of as many links is too much to look through."""
_MAIN: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": "xlsx",
}
_TEXTS: Final = re.compile(
    r"(?:document|template|sheet)\S*\.main\+xml|\.(?:header|footer|footnotes|endnotes|comments|document\.glossary"
    r"|externallink|connections)\+xml"
)
_DDE_LINK: Final = re.compile(rb"<(?:[\w.-]{1,32}:)?ddeLink\b")
_REFRESHED: Final = re.compile(rb"""\brefreshOnLoad\s*=\s*["'](?:1|true)\b""")
_MACROS: Final = re.compile(r"(?<!sheet\.binary\.)macroenabled|vbaproject|vbadata|macrosheet")
_EMBEDDED: Final = frozenset({"oleobject", "afchunk", "package"})
_MACRO_LINKS: Final = frozenset({"vbaproject", "xlmacrosheet", "xlintlmacrosheet"})
_ON_THIS_MACHINE: Final = re.compile(r"(?:file:///)?[A-Za-z]:[/\\]|(?!\\\\|//)(?![A-Za-z][\w+.-]+:)", re.ASCII)
"""A drive's path or none at all: Word looks for a template there, and does without."""
_OF_EMBEDDED: Final = frozenset(
    {
        Finding.BOMB,
        Finding.EXTERNAL_CONTENT,
        Finding.MACROS,
        Finding.DATA_EXCHANGE,
        Finding.CONTROLS,
        Finding.PROGRAM,
    }
)
"""What is found of an embedded file, and is a danger of the file that it is in."""


@dataclass(frozen=True, slots=True)
class _Link:
    """A relationship: of which part, what for, and to where."""

    source: str
    purpose: str
    target: str
    is_external: bool

    @property
    def part(self) -> str:
        """The part that it leads to, as members are called here."""
        base = posixpath.dirname(posixpath.dirname(self.source))
        return posixpath.normpath(posixpath.join("/", base, unquote(self.target)))[1:].lower()


@dataclass(slots=True)
class _Parts:
    contents: Contents
    members: dict[str, Member]
    findings: set[Finding] = field(default_factory=set)
    defaults: dict[str, str] = field(default_factory=dict)
    overrides: dict[str, str] = field(default_factory=dict)
    links: list[_Link] = field(default_factory=list)
    elements: int = 0

    def count_element(self) -> None:
        """
        Count one that was read.

        Raises:
            Unparsed: these are too many.
        """
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise Unparsed(Finding.TOO_COMPLEX)

    def type_of(self, name: str) -> str:
        """Return the content type of a part, in lower case."""
        return self.overrides.get(name) or self.defaults.get(posixpath.splitext(name)[1][1:], "")

    def whole(self, name: str) -> bytes:
        """Return a part; what is too large for it is found to be too complex."""
        member = self.members[name]
        if not self.contents.can_hold(member):
            self.findings.add(Finding.TOO_COMPLEX)
            return b""
        return self.contents.whole(member) or b""

    def parse(self, name: str, on_start: OnStart | None = None) -> bytes:
        """Return a part that should be XML; if it is not, that is found."""
        data = self.whole(name)
        try:
            if data:
                parse(data, on_start, until=None if on_start else self.contents.until)
        except Unparsed as error:
            self.findings.add(error.finding)
        return data


def look_at_parts(
    contents: Contents, members: Sequence[Member], look_into: Callable[[bytes], Judgement] | None
) -> tuple[str, set[Finding]]:
    """
    Return what kind it truly is, and what is found.

    Other files that are made of parts (a presentation, a template, a document with macros) are just ZIPs here: no name
    but .zip is true of them. *look_into* judges what is embedded; None if it is embedded itself.
    """
    named = {member.name.replace("\\", "/").lstrip("/").lower(): member for member in members}
    parts = _Parts(contents.another(BUDGET_BYTES), named)
    if len(named) < len(members):
        parts.findings.add(Finding.DAMAGED)
    _read_types(parts)
    _read_links(parts)
    kind = _kind(parts)
    parts.findings.update(_judge_types(parts), _judge_links(parts))
    _judge_texts(parts)
    if look_into is not None:
        parts.findings.update(_judge_embedded(parts, look_into))
    return kind, parts.findings


def _read_types(parts: _Parts) -> None:
    def on_start(name: str, attributes: dict[str, str]) -> None:
        parts.count_element()
        content_type = attributes.get("ContentType", "").lower()
        if name == "Default":
            parts.defaults[attributes.get("Extension", "").lower()] = content_type
        elif name == "Override":
            parts.overrides[unquote(attributes.get("PartName", "")).lstrip("/").lower()] = content_type

    parts.parse(CONTENT_TYPES, on_start)


def _read_links(parts: _Parts) -> None:
    for source in [name for name in parts.members if name.endswith(".rels")]:

        def on_start(name: str, attributes: dict[str, str], source: str = source) -> None:
            parts.count_element()
            if name == "Relationship":
                purpose = attributes.get("Type", "").rpartition("/")[2].lower()
                is_external = attributes.get("TargetMode", "").lower() == "external"
                parts.links.append(_Link(source, purpose, attributes.get("Target", ""), is_external))

        parts.parse(source, on_start)


def _kind(parts: _Parts) -> str:
    """Say what its main part is; of a damaged file, what its parts are called after."""
    mains = [link.part for link in parts.links if link.source == "_rels/.rels" and link.purpose == "officedocument"]
    if mains and mains[0] in parts.members and (content_type := parts.type_of(mains[0])):
        return _MAIN.get(content_type, "zip")
    folders = {name.partition("/")[0] for name in parts.members}
    if folders & {"word", "xl"}:
        parts.findings.add(Finding.DAMAGED)
    return "docx" if "word" in folders else "xlsx" if "xl" in folders else "zip"


def _judge_types(parts: _Parts) -> Iterator[Finding]:
    for name in parts.members:
        content_type = parts.type_of(name)
        if _MACROS.search(content_type) or name.endswith("/vbaproject.bin") or "/macrosheets/" in name:
            yield Finding.MACROS
        if "activex" in content_type or "/activex/" in name:
            yield Finding.CONTROLS
        if "/embeddings/" in name and name.endswith(".bin"):
            yield Finding.EMBEDDED_OBJECTS


def _judge_links(parts: _Parts) -> Iterator[Finding]:
    for link in parts.links:
        if link.is_external:
            is_template_here = link.purpose == "attachedtemplate" and _ON_THIS_MACHINE.match(link.target)
            if link.purpose != "hyperlink" and not is_template_here:
                yield Finding.EXTERNAL_CONTENT
        elif link.purpose in _MACRO_LINKS:
            yield Finding.MACROS
        elif link.purpose == "control":
            yield Finding.CONTROLS
        elif link.purpose in _EMBEDDED and not ("/charts/" in link.source and link.purpose == "package"):
            # A chart brings its numbers as a workbook: that is how every chart is kept.
            yield Finding.EMBEDDED_OBJECTS
        elif link.purpose == "worksheet" and link.part not in parts.members:
            yield Finding.DAMAGED


def _judge_texts(parts: _Parts) -> None:
    """Look for what fields, links to other programs, connections and formulas do; sheets last, they are the largest."""
    for name in _by_size(parts, parts.members):
        content_type = parts.type_of(name)
        if _TEXTS.search(content_type):
            try:
                parts.findings.update(_judge_text(content_type, parts.parse(name)))
            except Unparsed as error:
                parts.findings.add(error.finding)
    for name in _by_size(parts, parts.members):
        if parts.type_of(name).endswith(("worksheet+xml", "macrosheet+xml")):
            sheet = parts.contents.beginning(parts.members[name], _SHEET_BYTES)
            if formulas_ask_others(sheet):
                parts.findings.add(Finding.DATA_EXCHANGE)
            if formulas_load(sheet):
                parts.findings.add(Finding.EXTERNAL_CONTENT)


def _judge_text(content_type: str, data: bytes) -> Iterator[Finding]:
    if content_type.endswith("externallink+xml"):
        if _DDE_LINK.search(plain(data)):
            yield Finding.DATA_EXCHANGE
    elif content_type.endswith("connections+xml"):
        if _REFRESHED.search(plain(data)):
            yield Finding.EXTERNAL_CONTENT
    else:
        for instruction in instructions(data):
            if asks_others(instruction):
                yield Finding.DATA_EXCHANGE
            if loads_from_elsewhere(instruction):
                yield Finding.EXTERNAL_CONTENT


def _judge_embedded(parts: _Parts, look_into: Callable[[bytes], Judgement]) -> Iterator[Finding]:
    for name in _by_size(parts, (name for name in parts.members if "/embeddings/" in name)):
        member = parts.members[name]
        is_known = parts.contents.start(member).startswith((*marks.ZIP, *marks.OLE))
        data = parts.contents.whole(member) if is_known and parts.contents.is_in_time else None
        if data:
            yield from (finding for finding in look_into(data).findings if finding in _OF_EMBEDDED)


def _by_size(parts: _Parts, names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: parts.members[name].size_bytes)
