"""The text of files: what is read of each kind, page by page, and what no file can do to whoever reads it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from files.jail import Jail
from files.office_texts import MOST_INFLATED_BYTES
from files.texts import TEXT, Slice, text_of
from rules.texts import TextProblem, clean_text, pieces_of
from tests.lasting_jail import ANYWHERE
from tests.text_files import doc_of, docx_of, ole_of, pdf_of, xls_of, xlsx_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def read(tmp_path: Path):
    def read(data: bytes, **asked: int) -> Slice:
        path = tmp_path / "file"
        path.write_bytes(data)
        return text_of(str(path), None, **asked)

    return read


def test_a_pdf_is_read_page_by_page_and_its_scanned_pages_are_told(read: Callable[..., Slice]) -> None:
    data = pdf_of("Señor Ñaupari:\nsolicito notifi-\ncación", "", "Lima, 9 de marzo")

    whole = read(data)
    first = read(data, most_pages=2)
    rest = read(data, first=3)

    assert whole == Slice(3, {1: "Señor Ñaupari:\nsolicito notificación", 3: "Lima, 9 de marzo"}, (2,))
    assert first == Slice(3, {1: whole.texts[1]}, (2,), next_page=3)
    assert rest == Slice(3, {3: "Lima, 9 de marzo"})


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (docx_of("Señor Ñaupari", "pide información"), "Señor Ñaupari\npide información"),
        (xlsx_of([["RUC", 20131257750], ["María"]], title="Año"), "Año\nRUC 20131257750\nMaría"),
        (xls_of([["RUC", 20131257750], ["María"]], title="Año"), "Año\nRUC 20131257750\nMaría"),
        (doc_of("Señor Ñaupari\r", "Жалоба", "\rfin"), "Señor Ñaupari\nЖалоба\nfin"),
        (doc_of("Pág. \x13 PAGE \\* MERGEFORMAT \x14", "7\x15 de \x13 HYPERLINK \x15nueve"), "Pág. 7 de nueve"),
    ],
    ids=["docx", "xlsx", "xls", "doc", "doc with fields"],
)
def test_an_office_file_is_read_whole(read: Callable[..., Slice], data: bytes, expected: str) -> None:
    assert read(data) == Slice(texts={0: expected})


def _archive(**parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, said in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), said)
    return out.getvalue()


_TYPES = (
    "<Types><Override PartName='/w/d.xml' ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml."
    "document.main+xml'/></Types>"
)


def _word(said: str) -> bytes:
    data = _archive(**{"w__d_xml": said})
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pdf_of("secreto", password="clave"), TextProblem.ENCRYPTED),
        (doc_of("secreto", is_encrypted=True), TextProblem.ENCRYPTED),
        (ole_of({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}), TextProblem.ENCRYPTED),
        (b"%PDF-1.7\nnothing", TextProblem.DAMAGED),
        (docx_of("algo")[:-40], TextProblem.DAMAGED),
        (ole_of({"WordDocument": b"\xec\xa5" + b"\xff" * 600, "1Table": b"\xff" * 600}), TextProblem.ENCRYPTED),
        (ole_of({"WordDocument": b"\xec\xa5".ljust(600, b"\0"), "0Table": b"\xff" * 600}), TextProblem.DAMAGED),
        (ole_of({"Workbook": b"\xff" * 600}), TextProblem.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), TextProblem.DAMAGED),
        (_word("<!DOCTYPE d [<!ENTITY e 'algo'>]><d><t>&e;</t></d>"), TextProblem.DAMAGED),
        (_archive(**{"foto.txt": "hola"}), TextProblem.OTHER_KIND),
        (docx_of(""), TextProblem.EMPTY),
    ],
)
def test_a_file_without_text_has_a_reason(read: Callable[..., Slice], data: bytes, problem: TextProblem) -> None:
    assert read(data) == Slice(problem=problem)


def test_a_picture_is_a_page_without_text(read: Callable[..., Slice]) -> None:
    assert read(b"\x89PNG\r\n\x1a\n") == read(b"\xff\xd8\xff\xe0") == Slice(1, without_text=(1,))


def test_more_text_than_is_kept_is_cut(read: Callable[..., Slice]) -> None:
    long = read(docx_of("palabra " * 30), most_characters=80)
    paged = read(pdf_of("uno " * 10, "dos " * 10, "tres"), most_characters=60)
    bomb = read(_word("<d><t>algo</t>" + " " * (MOST_INFLATED_BYTES + 1) + "<t>oculto</t></d>"))

    assert (long.is_cut, len(long.texts[0])) == (True, 79)
    assert paged == Slice(
        3, {1: ("uno " * 10).strip(), 2: "dos dos dos dos dos d"}, is_cut=True
    )  # 3 is not called scanned
    assert bomb == Slice(texts={0: "algo"}, is_cut=True)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\x00\x00\x01\x7f", ""),
        ("an\x00o man\u0303ana \u202eoirad\u202c \ud800 \U0001f600", "ano mañana oirad \U0001f600"),
        ("a\t\tb\r\n\r\n\r\n\r\nc", "a b\n\nc"),
        ("notifi\ufffe\r\ncación notifi\xadcación", "notificación notificación"),
        ("2026-\n2027 y -\nfin", "2026-\n2027 y -\nfin"),
    ],
)
def test_a_text_is_kept_without_what_nobody_sees(said: str, kept: str) -> None:
    assert clean_text(said) == kept


def test_a_run_of_a_million_accents_is_composed_at_once() -> None:
    assert len(clean_text("e" + "\u0301\u0316" * 500_000)) > 900_000


def test_pieces_end_between_words_and_say_all() -> None:
    text = "palabra " * 100

    pieces = pieces_of(text, longest=81)

    assert all(len(piece) <= 81 and piece.endswith("palabra") for piece in pieces)
    assert " ".join(pieces) == text.strip()
    assert pieces_of("x" * 1000, longest=400) == ["x" * 400, "x" * 400, "x" * 200]


async def test_the_jail_says_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_of("uno", "dos"))
    jail = Jail([TEXT], reads=ANYWHERE)

    asked = json.dumps({"path": str(tmp_path / "a.pdf"), "first": 2}).encode()
    said = Slice.from_json(await jail.run(TEXT, asked, timeout=timedelta(seconds=20)))

    await jail.close()
    assert said == Slice(2, {2: "dos"})
