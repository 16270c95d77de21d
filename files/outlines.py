"""What a file that is not drawn holds, told in the jail: properties and text of Office files, members of archives."""

from __future__ import annotations

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from files import office_texts, old_office_texts, pictures, texts
from files.office_texts import Enough, NotXml, Package
from files.old_office_texts import Locked, Unreadable
from rules.texts import MOST_CHARACTERS, TextProblem, clean_text

if TYPE_CHECKING:
    import rarfile

OUTLINE: Final = "files.outlines:outline"
LONGEST_VALUE: Final = 200
MOST_SHEETS: Final = 100
MOST_BYTES: Final = 2**31 - 1
"""Larger members are said to be as large as this."""

_OLE, _RAR = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"Rar!\x1a\x07"
_STUMBLES = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, NotXml, Unreadable, Enough)
# How zipfile, olefile and xlrd stumble over numbers that make no sense.
_DAMAGE = (*_STUMBLES, ValueError, LookupError, TypeError, RuntimeError, AssertionError, AttributeError)


@dataclass(frozen=True)
class Properties:
    """What an Office file says of itself, as declared by whoever made it; nothing of it is proved."""

    title: str | None = None
    author: str | None = None
    last_author: str | None = None
    application: str | None = None
    created_at: str | None = None
    modified_at: str | None = None
    pages: int | None = None
    words: int | None = None
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A file in an archive, as the archive says."""

    name: str
    size_bytes: int
    is_folder: bool
    is_encrypted: bool


@dataclass(frozen=True)
class Asked:
    """Which part is wanted: members of an archive, and characters of a text."""

    first: int
    after: int
    characters: int
    text_after: int


@dataclass(frozen=True)
class Outline:
    """
    What a file holds. Of its `kind` depends what else is told.

    `pages`: how many, `count`. `office`: `properties`, and of `count` characters `text`; `is_cut` if there are more.
    `archive`: of `count` members, `members`. None: it is of another kind, or it `is_damaged` or `is_locked`.
    """

    kind: str | None = None
    count: int = 0
    is_locked: bool = False
    is_damaged: bool = False
    properties: Properties = field(default_factory=Properties)
    text: str = ""
    is_cut: bool = False
    members: tuple[Member, ...] = ()

    @classmethod
    def from_json(cls, said: bytes) -> Outline:
        """Return what `outline` said."""
        values: dict[str, Any] = json.loads(said)
        values["properties"] = Properties(**values["properties"] | {"sheets": tuple(values["properties"]["sheets"])})
        values["members"] = tuple(Member(**each) for each in values["members"])
        return cls(**values)


def outline(asked: bytes) -> bytes:
    """Return as JSON the `Outline` of the file at `path`, of which the rest says what is wanted."""
    values: dict[str, Any] = json.loads(asked)
    return json.dumps(asdict(_outline(values.pop("path"), Asked(**values)))).encode()


def _outline(path: str, asked: Asked) -> Outline:
    try:
        return _teller(path)(path, asked)
    except Locked:
        return Outline(is_locked=True)
    except _DAMAGE:
        return Outline(is_damaged=True)


def _teller(path: str) -> Callable[[str, Asked], Outline]:
    with open(path, "rb") as file:  # noqa: PTH123 - in the jail nothing is gained by a Path
        head = file.read(8)
    if head.startswith(_OLE):
        return _of_old_office
    if head.startswith(_RAR):
        return _of_rar
    return _of_zip if head.startswith(b"PK") else _of_pages


def _of_pages(path: str, _asked: Asked) -> Outline:
    try:
        count = pictures.pages_of(path)
    except pictures.CannotDraw as error:
        is_locked = error.problem is pictures.DrawingProblem.LOCKED
        return Outline(is_locked=is_locked, is_damaged=not is_locked)
    return Outline("pages", count) if count else Outline()


def _of_zip(path: str, asked: Asked) -> Outline:
    try:
        package = Package(path)
    except (KeyError, NotXml):
        return _of_plain_zip(path, asked)
    try:
        kind = office_texts.kind_of(package)
        properties = _properties(package) if kind else None
    finally:
        package.close()
    if properties is None:
        return _of_plain_zip(path, asked)
    return _office(path, kind, properties, asked)


def _office(path: str, kind: str | None, properties: Properties, asked: Asked) -> Outline:
    found = texts.text_of(path, kind, most_characters=MOST_CHARACTERS)
    if found.problem in (TextProblem.ENCRYPTED, TextProblem.DAMAGED):
        # Without its text it would look like an empty document.
        is_locked = found.problem is TextProblem.ENCRYPTED
        return Outline(is_locked=is_locked, is_damaged=not is_locked)
    text = found.texts.get(0, "")
    part = text[asked.text_after : asked.text_after + asked.characters]
    return Outline("office", len(text), properties=properties, text=part, is_cut=found.is_cut)


def _properties(package: Package) -> Properties:
    said = dict[str, str]()
    for name in ("docProps/core.xml", "docProps/app.xml"):
        _gather(package, name, said)
    return Properties(
        title=_value(said.get("title")),
        author=_value(said.get("creator")),
        last_author=_value(said.get("lastModifiedBy")),
        application=_value(said.get("Application")),
        created_at=_instant(said.get("created")),
        modified_at=_instant(said.get("modified")),
        pages=_number(said.get("Pages")),
        words=_number(said.get("Words")),
        sheets=_sheets(package),
    )


def _gather(package: Package, name: str, said: dict[str, str]) -> None:
    """Note what each element of a part says; of one that there is twice, the last."""
    parts = list[str]()

    def start(_tag: str, _attributes: dict[str, str]) -> None:
        parts.clear()

    def end(tag: str) -> None:
        said[tag] = "".join(parts)[: 10 * LONGEST_VALUE]
        parts.clear()

    try:
        package.parse(name, start=start, end=end, text=parts.append)
    except (KeyError, NotXml):
        return  # there is no such part, or nothing can be read in it: properties need not be


def _sheets(package: Package) -> tuple[str, ...]:
    names = list[str]()

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet" and len(names) < MOST_SHEETS:
            names.append(_value(attributes.get("name")) or "")

    for book in package.parts(*office_texts.BOOKS):
        package.parse(book, start=start)
    return tuple(names)


def _of_old_office(path: str, asked: Asked) -> Outline:
    kind = old_office_texts.kind_of(path)
    return _office(path, kind, _old_properties(path), asked) if kind else Outline()


def _old_properties(path: str) -> Properties:
    import olefile

    with olefile.OleFileIO(path) as file:
        told: Any = file.get_metadata()
    page = f"cp{told.codepage}" if isinstance(told.codepage, int) and told.codepage in range(437, 2000) else "utf-8"
    said = {name: _decoded(getattr(told, name), page) for name in ("title", "author", "last_saved_by")}
    return Properties(
        title=said["title"],
        author=said["author"],
        last_author=said["last_saved_by"],
        application=_decoded(told.creating_application, page),
        created_at=_instant(told.create_time),
        modified_at=_instant(told.last_saved_time),
        pages=_number(told.num_pages),
        words=_number(told.num_words),
    )


def _decoded(said: object, page: str) -> str | None:
    try:
        return _value(said.decode(page, "replace") if isinstance(said, bytes) else None)
    except LookupError:
        return None


def _of_plain_zip(path: str, asked: Asked) -> Outline:
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    members = (
        Member(_name(info.filename), min(info.file_size, MOST_BYTES), info.is_dir(), bool(info.flag_bits & 1))
        for info in infos[asked.after : asked.after + asked.first]
    )
    return Outline("archive", len(infos), members=tuple(members))


def _of_rar(path: str, asked: Asked) -> Outline:
    import rarfile

    try:
        with rarfile.RarFile(path) as archive:
            infos: list[rarfile.RarInfo] = archive.infolist()
            is_locked = not infos and archive.needs_password()
    except rarfile.Error:
        return Outline(is_damaged=True)
    if not infos:
        return Outline(is_locked=is_locked, is_damaged=not is_locked)
    members = (
        Member(_name(info.filename or ""), min(info.file_size or 0, MOST_BYTES), info.is_dir(), info.needs_password())
        for info in infos[asked.after : asked.after + asked.first]
    )
    return Outline("archive", len(infos), members=tuple(members))


def _name(name: str) -> str:
    """Return a name as it may be shown: where it leads is told, what cannot be seen is not."""
    return re.sub(r"\s+", " ", clean_text(name[: 2 * LONGEST_VALUE]))[:LONGEST_VALUE]


def _value(said: str | None) -> str | None:
    return re.sub(r"\s+", " ", clean_text(said[: 10 * LONGEST_VALUE]))[:LONGEST_VALUE] or None if said else None


def _number(said: object) -> int | None:
    text = str(said)
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else None


def _instant(said: object) -> str | None:
    """Return an instant in UTC; one that does not say in which zone it is, as if it were."""
    try:
        at = said if isinstance(said, datetime) else datetime.fromisoformat(str(said).strip())
        at = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at.isoformat() if at.year > 1601 else None  # where OLE counts from: nothing is said
