"""winmail.dat: the files in it, under their names; and whatever calls itself that."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.anatomy import PartKind, Suspicion
from intake.decoding import decode_part
from intake.parsing import parse_file
from intake.tnef import MOST_FILES, Wrapper, read_tnef
from rules.files import HEAD_BYTES
from tests.unit.intake.mails import PDF, PNG, write_mail
from tests.unit.intake.tnefs import Wrapped, attribute, properties, text_property, write_tnef

if TYPE_CHECKING:
    from pathlib import Path

SOLICITUD = Wrapped("Solicitud número 1.pdf", PDF)
PHOTO = Wrapped("foto.png", PNG + b"\0" * 5000)


def in_pieces(content: bytes, size: int = 7) -> Wrapper:
    return read_tnef(content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_files_are_found_with_their_names_and_places(size: int) -> None:
    content = write_tnef(SOLICITUD, PHOTO, body="Señor alcalde".encode("cp1252"))

    found = in_pieces(content, size)

    assert [(file.name, content[file.start : file.end], file.head) for file in found.files] == [
        (each.name, each.content, each.content[:HEAD_BYTES]) for each in (SOLICITUD, PHOTO)
    ]
    assert (found.text, found.is_damaged) == ("Señor alcalde", False)


def test_a_file_without_a_long_name_has_its_old_one_in_the_code_page_of_the_mail() -> None:
    found = in_pieces(write_tnef(Wrapped("", PDF, short_name="заявка.pdf".encode("cp1251")), code_page=1251))

    assert [file.name for file in found.files] == ["заявка.pdf"]


def test_a_mail_inside_is_a_mail() -> None:
    assert [file.is_message for file in in_pieces(write_tnef(Wrapped("RV", b"x", method=5))).files] == [True]


def test_content_among_the_properties_is_found() -> None:
    data = struct.pack("<HHII", 0x102, 0x3701, 1, len(PDF)) + PDF + b"\0" * (-len(PDF) % 4)
    content = (
        write_tnef()
        + attribute(2, 0x69002, b"")
        + attribute(2, 0x69005, properties(data, text_property(0x3707, "a.pdf")))
    )

    found = in_pieces(content)

    assert [(file.name, content[file.start : file.end]) for file in found.files] == [("a.pdf", PDF)]
    assert not found.is_damaged


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Hola",
        write_tnef(SOLICITUD)[:-1],
        write_tnef(SOLICITUD) + b"\0",
        write_tnef(SOLICITUD) + b"\x03" + b"\0" * 10,
        write_tnef() + attribute(2, 0x6800F, PDF),
        write_tnef() + attribute(1, 0x69005, b"\xff" * 8),
        write_tnef() + attribute(2, 0x69002, b"") + attribute(2, 0x69005, struct.pack("<I", 9)),
        write_tnef(*[SOLICITUD] * (MOST_FILES + 1)),
        write_tnef() + b"\x01" * 11 * 5000,
    ],
)
def test_damage_is_noticed(content: bytes) -> None:
    assert in_pieces(content, 1000).is_damaged


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=10), st.integers(1, 2000))
def test_any_bytes_are_read(changes: list[tuple[int, int]], length: int) -> None:
    content = bytearray(write_tnef(SOLICITUD, PHOTO)[:length])
    for place, value in changes:
        content[place % length : place % length + 1] = bytes([value])

    found = in_pieces(bytes(content), 100)

    assert all(file.start <= file.end <= len(content) for file in found.files)


def test_a_file_inside_is_decoded_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(write_mail(("winmail.dat", write_tnef(SOLICITUD, PHOTO))).as_bytes())

    mail = parse_file(path)

    assert [(part.kind, part.name) for part in mail.parts] == [
        (PartKind.TEXT, None),
        (PartKind.WRAPPER, "winmail.dat"),
        (PartKind.FILE, SOLICITUD.name),
        (PartKind.FILE, PHOTO.name),
    ]
    contents = [io.BytesIO(), io.BytesIO()]
    for part, sink in zip(mail.parts[2:], contents, strict=True):
        assert decode_part(path, part, sink, limit_bytes=part.size_bytes) == part.size_bytes
    assert [sink.getvalue() for sink in contents] == [PDF, PHOTO.content]


def test_a_damaged_one_sends_the_mail_to_a_person(tmp_path: Path) -> None:
    path = tmp_path / "mail"
    path.write_bytes(write_mail(("winmail.dat", write_tnef(SOLICITUD)[:100])).as_bytes())

    assert parse_file(path).suspicions == {Suspicion.DAMAGED_TNEF}
