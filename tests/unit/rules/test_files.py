"""Kinds, sizes, number and names of files."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import files
from rules.catalogue import AttachmentRole
from rules.refusals import InvalidInput

MB = 1024 * 1024
MAIN, ANNEX = AttachmentRole.MAIN, AttachmentRole.ANNEX

HEADS = {
    "pdf": b"%PDF-1.7\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "jpeg": b"\xff\xd8\xff\xe1\0\x10Exif",
    "docx": b"PK\x03\x04\x14\0\x06\0",
    "xlsx": b"PK\x03\x04\x14\0\x08\0",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0",
    "zip": b"PK\x03\x04\n\0\0\0",
    "rar": b"Rar!\x1a\x07\x01\0",
}
ALIKE = [{"jpg", "jpeg"}, {"docx", "xlsx", "zip"}, {"doc", "xls"}]


def matches(extension: str, head: bytes) -> bool:
    return files.FILE_KINDS[extension].matches(head)


def test_the_kinds_are_those_of_the_manual() -> None:
    assert set(files.FILE_KINDS) == set(HEADS)


@pytest.mark.parametrize("extension", HEADS)
def test_content_matches_its_own_extension_and_no_other(extension: str) -> None:
    alike = next((group for group in ALIKE if extension in group), {extension})

    assert {other for other, head in HEADS.items() if matches(extension, head)} == alike


@pytest.mark.parametrize("head", [b"Rar!\x1a\x07\0\xcf", b"Rar!\x1a\x07\x01\0"])
def test_both_generations_of_rar_are_known(head: bytes) -> None:
    assert files.check_head("anexo.RAR", head).extension == "rar"


def test_an_empty_zip_is_a_zip() -> None:
    assert matches("zip", b"PK\x05\x06" + b"\0" * 18)
    assert not matches("docx", b"PK\x05\x06" + b"\0" * 18)


def test_a_pdf_may_begin_with_other_bytes_but_not_as_something_else() -> None:
    assert matches("pdf", b"\xef\xbb\xbf\r\n%PDF-1.4")
    assert matches("pdf", b" " * 1023 + b"%PDF-1.4")
    assert not matches("pdf", b" " * 1024 + b"%PDF-1.4")
    assert not matches("pdf", HEADS["zip"] + b"%PDF-1.4")
    assert not matches("pdf", b"MZ\x90\0" + b"%PDF-1.4")


def test_the_head_that_is_asked_for_is_enough() -> None:
    furthest = b" " * 1023 + b"%PDF-1.4"

    assert matches("pdf", furthest[: files.HEAD_BYTES])
    assert not matches("pdf", furthest[: files.HEAD_BYTES - 1])


def test_the_largest_files_that_are_taken() -> None:
    assert files.size_limit(MAIN) == 20 * MB
    assert [files.size_limit(ANNEX, position) for position in (1, 2, 5)] == [30 * MB, 5 * MB, 5 * MB]


@pytest.mark.parametrize(
    ("name", "size_bytes", "role", "position"),
    [
        ("carta.pdf", 20 * MB, MAIN, 0),
        ("CARTA.PDF", 1, MAIN, 0),
        ("plano.zip", 30 * MB, ANNEX, 1),
        ("foto.jpg", 5 * MB, ANNEX, 2),
    ],
)
def test_a_file_within_its_limits_is_taken(name: str, size_bytes: int, role: AttachmentRole, position: int) -> None:
    kind = files.check_file(name, size_bytes=size_bytes, role=role, position=position)

    assert kind.extension == name.lower().rpartition(".")[2]


@pytest.mark.parametrize(
    ("name", "size_bytes", "role", "position", "code"),
    [
        ("carta.pdf", 20 * MB + 1, MAIN, 0, "FILE_TOO_LARGE"),
        ("carta.pdf", 0, MAIN, 0, "FILE_EMPTY"),
        ("carta.docx", 1, MAIN, 0, "FILE_KIND_NOT_ALLOWED"),
        ("carta", 1, MAIN, 0, "FILE_KIND_NOT_ALLOWED"),
        ("plano.zip", 30 * MB + 1, ANNEX, 1, "FILE_TOO_LARGE"),
        ("plano.zip", 5 * MB + 1, ANNEX, 2, "FILE_TOO_LARGE"),
        ("carta.pdf.exe", 1, ANNEX, 1, "FILE_KIND_NOT_ALLOWED"),
        (".pdf", 1, ANNEX, 1, "FILE_KIND_NOT_ALLOWED"),
        ("pdf", 1, ANNEX, 1, "FILE_KIND_NOT_ALLOWED"),
    ],
)
def test_a_file_beyond_its_limits_is_refused(
    name: str, size_bytes: int, role: AttachmentRole, position: int, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        files.check_file(name, size_bytes=size_bytes, role=role, position=position)

    assert refused.value.code == code


def test_a_refusal_of_size_says_the_limit_of_that_place() -> None:
    with pytest.raises(files.FileTooLarge) as refused:
        files.check_file("foto.jpg", size_bytes=6 * MB, role=ANNEX, position=3)

    assert refused.value.message.startswith("El archivo es demasiado grande: aquí puede pesar hasta 5 MB.")


def test_an_announced_file_is_named_and_must_fit_somewhere() -> None:
    assert files.check_announced(r"C:\docs\carta.pdf", size_bytes=30 * MB) == "carta.pdf"
    for name, size_bytes in (("carta.pdf", 30 * MB + 1), ("carta.pdf", 0), ("carta.exe", 1)):
        with pytest.raises(InvalidInput):
            files.check_announced(name, size_bytes=size_bytes)


def test_content_that_is_not_what_the_name_says_is_refused_with_what_to_do() -> None:
    with pytest.raises(files.FileContentMismatch) as refused:
        files.check_head("carta.pdf", HEADS["docx"])
    assert refused.value.message.startswith("El contenido no es de un archivo .pdf.")
    with pytest.raises(files.FileContentMismatch) as locked:
        files.check_head("cuadro.xlsx", HEADS["xls"])
    assert "sin contraseña" in locked.value.message
    with pytest.raises(files.FileEmpty):
        files.check_head("carta.pdf", b"")


def test_up_to_five_annexes_go_with_a_document() -> None:
    assert files.check_annex_count(5) == 5
    with pytest.raises(files.TooManyAnnexes):
        files.check_annex_count(6)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Carta N.º 5 – petición.pdf", "Carta N.º 5 – petición.pdf"),
        ("peticio\u0301n.pdf", "petición.pdf"),
        (r"C:\Users\ana\carta.pdf", "carta.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/etc/", "etc"),
        ("factura\u202efdp.exe", "facturafdp.exe"),
        ("a\0b\r\nc.pdf", "ab c.pdf"),
        ('in"forme<1>:?.pdf', "in_forme_1_.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("lpt¹", "_lpt¹"),
        ("consulta.pdf", "consulta.pdf"),
        (".bashrc", "bashrc"),
        (".pdf", "documento.pdf"),
        ("carta.pdf. . .", "carta.pdf"),
        ("carta .pdf", "carta.pdf"),
        ("", "documento"),
        (" /\\ ", "documento"),
        ("...", "documento"),
        ("a" * 300 + ".pdf", "a" * 196 + ".pdf"),
        ("ñ" * 300 + ".pdf", "ñ" * 118 + ".pdf"),
        ("\ud800.pdf", "\ufffd.pdf"),
    ],
)
def test_a_file_name_is_made_safe(given_name: str, kept: str) -> None:
    assert files.clean_file_name(given_name) == kept


@given(st.text(st.characters(), max_size=300) | st.text("./\\ ac\u0301\u202e\0:?NULpdf", max_size=30))
def test_any_name_becomes_one_that_every_system_keeps(name: str) -> None:
    kept = files.clean_file_name(name)

    assert 1 <= len(kept) <= 200
    assert len(kept.encode()) <= 240
    assert not re.search(r'[/\\<>:"|?*\0-\x1f\u202a-\u202e]', kept)
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip(". ")
    assert files.clean_file_name(kept) == kept
