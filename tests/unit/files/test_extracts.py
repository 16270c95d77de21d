"""What clamd does not see by itself is taken out and asked about, within limits; what cannot be is said."""

from __future__ import annotations

import zlib
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pikepdf
import pytest

from files.antivirus import Answer
from files.antivirus_probes import EICAR
from files.extracts import rars
from files.extracts.asking import ask_inside
from files.extracts.room import Room
from files.extracts.walk import extracts_of
from rules.verdicts import Scan
from tests.corpus.compounds import Node, make_doc, make_native, make_xls
from tests.infected import ATTACHED, LISTED, PLAIN, listed, pdf_holding, zipped
from tests.rar_archives import LOCKED, UNKNOWN, rar4, rar5

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.clamd import ClamdServer

CLEAN, PARTLY = Answer(Scan.CLEAN), Answer(Scan.PARTLY)
MARKED = Answer(Scan.INFECTED, "Mesa.Test.Marker.UNOFFICIAL")

MEMBERS = (("carta.txt", b"Estimados:"), ("virus.txt", PLAIN))
PACKED: dict[str, bytes] = {
    "stored in a RAR 5": rar5(("eicar.txt", EICAR)),
    "packed in a RAR 5": rar5(*MEMBERS, packed=True),
    "in a solid RAR 5": rar5(*MEMBERS, packed=True, solid=True),
    "stored in a RAR 4": rar4(("eicar.txt", EICAR)),
    "in a RAR in a ZIP": zipped(rar5(*MEMBERS, packed=True), "todo.rar"),
    "in a RAR behind a program": b"MZ" + bytes(3000) + rar5(*MEMBERS, packed=True),
    "in a PDF in a RAR": rar5(("anexo.pdf", listed(PLAIN)), packed=True),
    "in a ZIP in a PDF": listed(zipped(PLAIN)),
    "in a RAR in a PDF": listed(rar5(*MEMBERS, packed=True)),
}


def asked(clamd: ClamdServer, folder: Path, data: bytes, room: Room | None = None) -> tuple[Answer, Answer]:
    """Return what clamd alone says of a file, and what it says of what was taken out of it."""
    path = folder / "file"
    path.write_bytes(data)
    return clamd.client().scan(BytesIO(data)), ask_inside(clamd.client(), path, room or Room())


@pytest.mark.parametrize("hidden", list(ATTACHED))
def test_malware_attached_to_a_pdf_is_found_where_clamd_alone_finds_none(
    clamd: ClamdServer, tmp_path: Path, hidden: str
) -> None:
    assert asked(clamd, tmp_path, ATTACHED[hidden](PLAIN)) == (CLEAN, MARKED)
    assert asked(clamd, tmp_path, ATTACHED[hidden](b"Estimados:")) == (CLEAN, CLEAN)


@pytest.mark.parametrize("hidden", list(PACKED))
def test_malware_in_an_archive_is_found_where_clamd_alone_finds_none(
    clamd: ClamdServer, tmp_path: Path, hidden: str
) -> None:
    alone, inside = asked(clamd, tmp_path, PACKED[hidden])

    assert (alone.scan, inside.scan) == (Scan.CLEAN, Scan.INFECTED)


def _locked_pdf() -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(listed(PLAIN))) as document:
        document.save(file, encryption=pikepdf.Encryption(user="a", owner="b"))
    return file.getvalue()


def _locked_zip() -> bytes:
    data = bytearray(zipped(b"Estimados:"))
    data[6] |= 1
    data[data.find(b"PK\1\2") + 8] |= 1
    return bytes(data)


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "a solid RAR 4": lambda: rar4(*MEMBERS, solid=True),
    "a locked RAR 4": lambda: rar4(*MEMBERS, locked=True),
    "a locked RAR 5": lambda: rar5(*MEMBERS, extra=LOCKED),
    "a RAR that was cut": lambda: rar5(("carta.txt", b"Estimados:"), ("otra.txt", b"Atentamente"))[:-12],
    "a RAR whose checksum is wrong": lambda: rar5(("carta.txt", b"Estimados:")).replace(b"Estimados", b"Estimadas"),
    "a RAR with a file that libarchive takes for a device": lambda: rar5(("carta.txt", b"Estimados:"), mode=0o020644),
    "a RAR with a block that nobody knows": lambda: rar5(("a.txt", b"uno"), (UNKNOWN, b"dos"), ("c.txt", PLAIN)),
    "a RAR without an end": lambda: rar5(("a.txt", b"uno"))[:-8],
    "a locked PDF": _locked_pdf,
    "a locked ZIP": _locked_zip,
    "a file attached by a filter that nobody knows": lambda: pdf_holding(b"x", b"/JBIG2Decode", catalogue=LISTED),
    "a ZIP with a damaged PDF": lambda: zipped(b"%PDF-1.7\n", "nada.pdf"),
    "a file of another that takes more than there is": lambda: listed(bytes(65 << 20)),
    "a ZIP with a file of which clamd sees the beginning": lambda: zipped(bytes(65 << 20)),
}


@pytest.mark.parametrize("what", list(UNREADABLE))
def test_what_cannot_be_taken_out_is_said(clamd: ClamdServer, tmp_path: Path, what: str) -> None:
    _, inside = asked(clamd, tmp_path, UNREADABLE[what]())

    assert inside == PARTLY


def test_without_libarchive_a_rar_is_partly_scanned(tmp_path: Path, clamd: ClamdServer) -> None:
    library, rars.libarchive = rars.libarchive, None
    try:
        assert asked(clamd, tmp_path, rar5(("carta.txt", b"Estimados:"))) == (CLEAN, PARTLY)
    finally:
        rars.libarchive = library


def test_locked_pdf_and_zip_are_told_by_clamd_itself_and_hide_no_malware(clamd: ClamdServer, tmp_path: Path) -> None:
    said = [clamd.client().scan(BytesIO(file)) for file in (_locked_pdf(), _locked_zip())]
    both = BytesIO()
    with ZipFile(both, "w") as archive:
        archive.writestr("a.zip", _locked_zip())
        archive.writestr("b.txt", EICAR)

    assert said == [Answer(Scan.PARTLY, "Heuristics.Encrypted.PDF"), Answer(Scan.PARTLY, "Heuristics.Encrypted.Zip")]
    assert clamd.client().scan(BytesIO(both.getvalue())).scan is Scan.INFECTED


def taken_out(data: bytes, room: Room) -> tuple[list[bytes], bool]:
    """Return what was taken out, and whether that was all."""
    return list(extracts_of(data, room)), room.is_all_seen


def test_number_bytes_depth_and_time_are_bounded_each_at_its_limit() -> None:
    three = rar5(*((f"{number}.txt", b"0123456789") for number in range(3)))
    nested = listed(listed(listed(b"x")))
    ticks, two = count(), BytesIO()
    with ZipFile(two, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", listed(b"x"))
        archive.writestr("b.pdf", listed(b"y"))

    assert taken_out(three, Room(files=3)) == ([b"0123456789"] * 3, True)
    assert taken_out(three, Room(files=2)) == ([b"0123456789"] * 2, False)
    assert taken_out(three, Room(size_bytes=30))[1]
    assert taken_out(three, Room(size_bytes=29)) == ([b"0123456789"] * 2, False)
    assert taken_out(three, Room(bytes_each=10))[1]
    assert taken_out(three, Room(bytes_each=9)) == ([], False)
    assert taken_out(nested, Room(depth=3)) == ([listed(listed(b"x")), listed(b"x"), b"x"], True)
    assert taken_out(nested, Room(depth=2)) == ([listed(listed(b"x")), listed(b"x")], False)
    assert taken_out(three, Room(seconds=3, clock=lambda: float(next(ticks)))) == ([b"0123456789"] * 3, True)
    assert taken_out(three, Room(seconds=2, clock=lambda: float(next(ticks)))) == ([b"0123456789"] * 2, False)
    assert taken_out(listed(bytes(10)), Room(bytes_each=10)) == ([bytes(10)], True)
    assert taken_out(zipped(bytes(9)), Room(bytes_each=9, unpacked_bytes=9)) == ([], True)
    assert taken_out(zipped(bytes(9)), Room(bytes_each=8)) == ([], False)
    assert taken_out(zipped(bytes(9)), Room(unpacked_bytes=8)) == ([], False)
    assert taken_out(two.getvalue(), Room(files=4))[1]
    assert taken_out(two.getvalue(), Room(files=1)) == ([], False), "it is not even listed"
    assert taken_out(listed(bytes(11)), Room(bytes_each=10)) == ([], False)


def test_one_file_that_two_names_have_is_taken_out_once_and_related_ones_too() -> None:
    twice = LISTED.replace(b"/F 4 0 R", b"/F 4 0 R /UF 4 0 R")
    related = LISTED.replace(b"/EF << /F 4 0 R >>", b"/RF << /F [ (a.txt) 4 0 R ] >>")

    assert taken_out(pdf_holding(zlib.compress(b"x"), catalogue=twice), Room()) == ([b"x"], True)
    assert taken_out(pdf_holding(zlib.compress(b"x"), catalogue=related), Room()) == ([b"x"], True)


def test_archive_that_only_looks_like_a_pdf_is_not_called_partly_scanned() -> None:
    assert taken_out(zipped(b"Estimados:", "%PDF-1.7.txt"), Room()) == ([], True)


def test_zip_that_hangs_at_the_end_of_a_pdf_is_opened() -> None:
    both = listed(b"uno") + zipped(b"dos")

    assert taken_out(both, Room()) == ([b"uno", b"dos"], True)


def test_pdf_in_an_old_office_document_is_looked_into(clamd: ClamdServer, tmp_path: Path) -> None:
    packed = Node("\x01Ole10Native", make_native("anexo.pdf", listed(PLAIN)))
    acrobat = Node("CONTENTS", listed(PLAIN))
    document = make_doc(Node("ObjectPool", None, [Node("_1", None, [packed])]))
    book = make_xls(Node("MBD1", None, [acrobat]))

    assert asked(clamd, tmp_path, document) == (CLEAN, MARKED)
    assert asked(clamd, tmp_path, zipped(book, "libro.xls")) == (CLEAN, MARKED)
    assert asked(clamd, tmp_path, document[:700]) == (CLEAN, PARTLY)


def test_office_document_of_many_parts_is_looked_into_without_reading_all(clamd: ClamdServer, tmp_path: Path) -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<w:document/>")
        archive.writestr("word/embeddings/anexo.pdf", listed(PLAIN))

    assert asked(clamd, tmp_path, file.getvalue()) == (CLEAN, MARKED)
