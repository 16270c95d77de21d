"""Files that are not drawn are told: what Office files say, what archives hold; nothing of them is run or unpacked."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import docx
import openpyxl
import pytest

from files.jail import Jail
from files.outlines import OUTLINE, Asked, Member, Outline, Properties
from tests.corpus import rar_maker as rars
from tests.corpus.rar_maker import make_rar4, make_rar5
from tests.drawings import pdf_of, picture_of
from tests.lasting_jail import ANYWHERE
from tests.text_files import doc_of, docx_of, xls_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

MADE, CHANGED = datetime(2026, 3, 9, 15, tzinfo=UTC), datetime(2026, 3, 10, 15, tzinfo=UTC)


@pytest.fixture
async def jail() -> AsyncIterator[Jail]:
    jail = Jail([OUTLINE], reads=ANYWHERE, memory_bytes=768 << 20)
    yield jail
    await jail.close()


async def told(
    jail: Jail, path: Path, data: bytes, *, first: int = 20, after: int = 0, characters: int = 50, text_after: int = 0
) -> Outline:
    path.write_bytes(data)
    asked = {"path": str(path)} | asdict(Asked(first, after, characters, text_after))
    return Outline.from_json(await jail.run(OUTLINE, json.dumps(asked).encode(), timeout=timedelta(seconds=20)))


async def test_what_is_drawn_is_told_by_its_pages(jail: Jail, tmp_path: Path) -> None:
    found = [
        await told(jail, tmp_path / "a", data)
        for data in (pdf_of((0, 0, 0), (1, 1, 1)), picture_of("PNG", (9, 9)), pdf_of(password="clave"), b"%PDF-1.7")
    ]

    assert found == [
        Outline("pages", 2),
        Outline("pages", 1),
        Outline(is_locked=True),
        Outline(is_damaged=True),
    ]


async def test_a_document_tells_its_properties_and_its_text_in_parts(jail: Jail, tmp_path: Path) -> None:
    document, saved = docx.Document(), io.BytesIO()
    said = document.core_properties
    said.title, said.author, said.last_modified_by = "  Recurso de   reconsideración ", "María", "José"
    said.created, said.modified = MADE, CHANGED
    document.add_paragraph("Señor director: " + "solicito " * 30)
    document.save(saved)

    start = await told(jail, tmp_path / "a", saved.getvalue())
    end = await told(jail, tmp_path / "a", saved.getvalue(), text_after=280)

    assert start.kind == "office"
    assert start.properties == Properties(
        title="Recurso de reconsideración",
        author="María",
        last_author="José",
        application="Microsoft Macintosh Word",
        created_at=MADE.isoformat(),
        modified_at=CHANGED.isoformat(),
        pages=1,
        words=0,
    )
    assert (start.text, end.text) == ("Señor director: solicito solicito solicito solicit", "icito")
    assert (start.count, end.count) == (285, 285)


async def test_a_workbook_tells_its_sheets(jail: Jail, tmp_path: Path) -> None:
    book, saved = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("Gastos de marzo").append(["Pasajes", 120])
    book.properties.creator = "María"
    book.save(saved)

    found = await told(jail, tmp_path / "a", saved.getvalue())

    assert (found.properties.author, found.properties.sheets) == ("María", ("Sheet", "Gastos de marzo"))
    assert "Pasajes" in found.text


async def test_files_of_before_are_told_too(jail: Jail, tmp_path: Path) -> None:
    old = await told(jail, tmp_path / "a", doc_of("Solicito copia"))
    sheets = await told(jail, tmp_path / "a", xls_of([["Pasajes", 120]], title="Gastos"))

    assert (old.kind, old.text) == ("office", "Solicito copia")
    assert (sheets.kind, sheets.text) == ("office", "Gastos\nPasajes 120")


async def test_what_is_locked_or_damaged_is_no_empty_document(jail: Jail, tmp_path: Path) -> None:
    locked = await told(jail, tmp_path / "a", doc_of("secreto", is_encrypted=True))
    damaged = await told(jail, tmp_path / "a", document_of({"word/document.xml": b"<w:document"}))

    assert (locked, damaged) == (Outline(is_locked=True), Outline(is_damaged=True))


def zip_of(names: dict[str, bytes]) -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return saved.getvalue()


async def test_an_archive_tells_its_members_by_pages(jail: Jail, tmp_path: Path) -> None:
    hidden = "fac\u202etura\r\n\0fdp.exe"
    data = zip_of({"uno/": b"", "uno/Petición.pdf": b"12345", "../../etc/passwd": b"x", hidden: b"", "a" * 900: b""})

    found = await told(jail, tmp_path / "a", data)
    page = await told(jail, tmp_path / "a", data, first=1, after=1)

    assert found == Outline(
        "archive",
        5,
        members=(
            Member("uno/", 0, is_folder=True, is_encrypted=False),
            Member("uno/Petición.pdf", 5, is_folder=False, is_encrypted=False),
            Member("../../etc/passwd", 1, is_folder=False, is_encrypted=False),
            Member("factura", 0, is_folder=False, is_encrypted=False),
            Member("a" * 200, 0, is_folder=False, is_encrypted=False),
        ),
    )
    assert (page.count, page.members) == (5, found.members[1:2])


@pytest.mark.parametrize("make", [make_rar4, make_rar5])
async def test_rar_archives_tell_their_members(
    jail: Jail, tmp_path: Path, make: Callable[[Sequence[rars.Member]], bytes]
) -> None:
    members = [rars.Member("uno\\petición.pdf" if make is make_rar4 else "uno/petición.pdf"), rars.Member("dos.txt")]

    found = await told(jail, tmp_path / "a", make(members))

    assert (found.kind, found.count) == ("archive", 2)
    assert [(each.name, each.size_bytes) for each in found.members] == [("uno/petición.pdf", 4), ("dos.txt", 4)]


async def test_rar_archives_with_a_password_tell_what_they_can(jail: Jail, tmp_path: Path) -> None:
    member = rars.Member("dos.txt", extra=rars.ENCRYPTED5)

    locked = await told(jail, tmp_path / "a", rars.ENCRYPTED_HEADERS5)
    told_members = await told(jail, tmp_path / "a", make_rar5([member]))

    assert locked == Outline(is_locked=True)
    assert told_members.members == (Member("dos.txt", 4, is_folder=False, is_encrypted=True),)


def document_of(parts: dict[str, bytes]) -> bytes:
    """Return a document with some of its parts replaced."""
    saved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx_of("Hola"))) as given, zipfile.ZipFile(saved, "w", 8) as archive:
        for name in given.namelist():
            archive.writestr(name, parts.get(name, given.read(name)))
    return saved.getvalue()


BILLION = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<cp:coreProperties xmlns:cp="x"><title>&b;</title></cp:coreProperties>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<cp:coreProperties xmlns:cp="x"><title>&a;</title></cp:coreProperties>"""


async def test_hostile_properties_are_passed_over(jail: Jail, tmp_path: Path) -> None:
    for core in (BILLION, OUTSIDE, b"<a>" * 100_000, b"no XML", b"<a><title>" + b"x" * 5_000_000 + b"</title></a>"):
        found = await told(jail, tmp_path / "a", document_of({"docProps/core.xml": core}))

        assert (found.kind, found.text) == ("office", "Hola")
        assert len(found.properties.title or "") in (0, 200)


async def test_what_is_damaged_is_said_to_be(jail: Jail, tmp_path: Path) -> None:
    archive, old = zip_of({"a": b"1"}), doc_of("Solicito")
    for data in (
        archive[:40],
        archive[:-10],
        b"PK\x03\x04",
        old[:600],
        old[:8],
        b"Rar!\x1a\x07\x01\x00",
        b"Rar!\x1a\x07",
    ):
        found = await told(jail, tmp_path / "a", data)

        assert (found.is_damaged, found.count, found.text) == (True, 0, ""), data[:10]


async def test_what_is_nothing_of_all_that_shows_nothing(jail: Jail, tmp_path: Path) -> None:
    assert await told(jail, tmp_path / "a", b"just text") == Outline()
    assert await told(jail, tmp_path / "a", b"") == Outline()
