"""The PDF as others see it: poppler, qpdf, pikepdf and a reader of QR codes."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.catalogue import AttachmentRole, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.receipts import FileFacts, FoliosCount, ReceiptFacts
from tests.unit.receipts.samples import (
    BY_MAIL,
    COMPLETED,
    CORRECTED,
    HEAVY,
    USUAL,
    VOIDED,
    digest,
    pages_of,
    pdf_of,
    qr_code,
    run_program,
    text_of,
)

if TYPE_CHECKING:
    from pathlib import Path


def opened(facts: ReceiptFacts) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(pdf_of(facts)))


def test_the_text_holds_what_a_citizen_has_to_prove(tmp_path: Path) -> None:
    lines = text_of(pdf_of(USUAL), tmp_path, "-layout")

    for expected in (
        "Constancia de envío",
        "MPD-2026-000001-K",
        "06/06/2026",
        "22:41:08",
        "HORA (UTC-05:00)",
        "08/06/2026",
        "M7HY-EVQA-4BOZ-G4DB",
        "Oficina Regional Sur Oriente Cusco",
        "Ñaupari Quispe, María de los Ángeles",
        "DNI 45671289 (identidad declarada)",
        "Panadería «El Niño» S.A.C. · RUC 20131370645",
        "maria.naupari@example.pe · 987654321",
        "Solicitud · SN",
        "Solicita licencia de funcionamiento – giro: panadería «El Niño» nº 3, 40 m²",
        "11 folios, declarados por quien presenta · 3 archivos",
        "06/06/2026 (sábado)",
        "Calendario 2026-1",
        "Pendiente de validación",
        "Archivos recibidos (3)",
        "Principal · 3 páginas · 822.4 KB",
        "Anexo 1 · 1 página · 11.6 MB",
        "Anexo 2 · 900 B",
        "842 113 bytes",
        "No es una aprobación",
        "Página 1 de 1",
    ):
        assert expected in lines, expected


def test_a_mail_says_who_claims_to_have_sent_it_and_what_it_lacked(tmp_path: Path) -> None:
    lines = text_of(pdf_of(BY_MAIL), tmp_path, "-layout")

    assert "Correo electrónico" in lines
    assert "no indicado (remitente declarado en el correo)" in lines
    assert "folios no declarados · 3 archivos" in lines
    assert "tipo no indicado · SN" in lines
    assert "Falta completar" in lines
    assert "Adjunte el documento principal: un archivo .pdf de hasta 20 MB." in lines
    assert "pero le falta lo que se indica arriba" in lines


def test_a_mail_without_files_says_so(tmp_path: Path) -> None:
    lines = text_of(pdf_of(replace(BY_MAIL, files=(), applicant="", subject="")), tmp_path, "-layout")

    assert "Archivos recibidos (0)" in lines
    assert "No se recibió ningún archivo." in lines
    assert re.search(r"Presentado por +no indicado", lines)
    assert re.search(r"Asunto +no indicado", lines)


@pytest.mark.parametrize("facts", [USUAL, HEAVY], ids=["usual", "heavy"])
def test_each_digest_stands_whole_on_one_line(facts: ReceiptFacts, tmp_path: Path) -> None:
    lines = text_of(pdf_of(facts), tmp_path, "-layout").splitlines()

    found = [match[1] for line in lines if (match := re.search(r"SHA-256 +([0-9a-f]{64}) ", line))]

    assert found == [file.sha256 for file in facts.files]


def test_the_other_kinds_say_their_act_and_its_instant(tmp_path: Path) -> None:
    acted_at = datetime(2026, 6, 9, 14, 0, 5, tzinfo=UTC)
    reception = replace(
        USUAL,
        kind=ReceiptKind.RECEPTION,
        acted_at=acted_at,
        status=TramiteStatus.REFERRED,
        folios_count=FoliosCount.CLERK,
    )
    voiding = replace(USUAL, kind=ReceiptKind.VOIDING, acted_at=acted_at, status=TramiteStatus.VOIDED)

    received, voided = (text_of(pdf_of(facts), tmp_path, "-layout") for facts in (reception, voiding))

    assert "Cargo de recepción" in received
    assert re.search(r"RECEPCIONADO +HORA \(UTC-05:00\)", received)
    assert re.search(r"09/06/2026 +09:00:05 +08/06/2026", received)
    assert re.search(r"Enviado +06/06/2026 22:41:08 \(UTC-05:00\)", received)
    assert "contados por mesa de partes" in received
    assert "Constancia de anulación" in voided
    assert re.search(r"ANULADO +HORA \(UTC-05:00\)", voided)
    assert re.search(r"09/06/2026 +09:00:05 +08/06/2026", voided)


@pytest.mark.parametrize("facts", [USUAL, BY_MAIL, HEAVY], ids=["usual", "mail", "heavy"])
def test_the_file_is_sound_and_carries_its_fonts(facts: ReceiptFacts, tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(pdf_of(facts))

    assert "No syntax or stream encoding errors" in run_program("qpdf", "--check", file)
    fonts = run_program("pdffonts", file).splitlines()[2:]
    assert len(fonts) == 3
    for font in fonts:
        assert re.match(r"[A-Z]{6}\+Noto\S+ +CID TrueType +Identity-H +yes yes yes ", font), font


def test_the_pages_are_numbered_a4_and_within_their_edges(tmp_path: Path) -> None:
    about = text_of(pdf_of(HEAVY), tmp_path, "-bbox")

    pages = re.split(r"<page ", about)[1:]
    assert len(pages) == len(pages_of(HEAVY)) > 3
    for page in pages:
        assert page.startswith('width="595.276000" height="841.890000"')
        for left, top, right, bottom in re.findall(r'xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)"', page):
            assert 0 < float(left) < float(right) < 595.276 - 40
            assert 0 < float(top) < float(bottom) < 841.89 - 20


def test_characters_without_a_glyph_are_shown_as_such(tmp_path: Path) -> None:
    facts = replace(USUAL, subject="emoji 😀 中 \u202e \x07 fin", applicant="\u0301 Nguyễn Ṽ")

    text = text_of(pdf_of(facts), tmp_path, "-layout")

    assert "emoji \ufffd \ufffd \ufffd \ufffd fin" in text
    assert "Nguyễn" in text


@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=200))
@settings(max_examples=25)
def test_no_text_breaks_the_file(name: str, subject: str) -> None:
    file = FileFacts(ordinal=1, role=AttachmentRole.MAIN, name=name, size_bytes=1, sha256=digest(name))

    with opened(replace(USUAL, entity=subject, number=name, subject=subject, files=(file,))) as pdf:
        assert len(pdf.check_pdf_syntax()) == 0
        assert "".join(sorted(pdf.Root.keys())) == (
            "/AF/AcroForm/Extensions/Lang/MarkInfo/Metadata/Names/OutputIntents/Pages/Perms/StructTreeRoot/Type"
            "/ViewerPreferences"
        )


def test_the_same_facts_are_the_same_bytes_in_every_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(pdf_of, [USUAL, HEAVY] * 6))

    assert copies == [pdf_of(USUAL), pdf_of(HEAVY)] * 6


def test_other_facts_are_another_file() -> None:
    one, other = opened(USUAL), opened(replace(USUAL, subject="Otro asunto"))

    assert one.trailer.ID[0] == one.trailer.ID[1]
    assert one.trailer.ID[0] != other.trailer.ID[0]


def test_the_receipt_of_a_correction_says_what_came_with_it_and_when(tmp_path: Path) -> None:
    text = " ".join(text_of(pdf_of(CORRECTED), tmp_path, "-layout").split())

    for expected in (
        "Constancia de envío",
        "Subsanación ingresada por la mesa de partes digital",
        CORRECTED.number,
        CORRECTED.verification_code,
        "SUBSANADO",
        "23:59:58",
        "Lo que subsana Firmé la solicitud.",
        "Archivos recibidos (2)",
        "Solicitud firmada.pdf Principal",
        "Vigencia de junio.pdf Anexo 3",
        digest("signed"),
        digest("power of june"),
        "No se lo observará otra vez.",
    ):
        assert expected in text
    assert digest("plan") not in text


def test_the_receipt_of_a_completion_says_which_filing_it_completes_and_is_no_correction(tmp_path: Path) -> None:
    text = " ".join(text_of(pdf_of(COMPLETED), tmp_path, "-layout").split())

    for expected in (
        "Constancia de documento completado",
        "Completa el trámite presentado el 08/06/2026, que conserva esa fecha",
        COMPLETED.number,
        "COMPLETADO",
        "23:59:58",
        "Solicitud.pdf Principal",
        "Plano.pdf Anexo 3",
        "Lo que entregó es parte del trámite desde ahora.",
    ):
        assert expected in text
    assert "Subsan" not in text


def test_the_receipt_of_a_voiding_says_so(tmp_path: Path) -> None:
    text = " ".join(text_of(pdf_of(VOIDED), tmp_path, "-layout").split())

    for expected in (
        "Constancia de anulación",
        VOIDED.number,
        "Trámite anulado a pedido de quien lo presentó",
        "ANULADO",
        "08:30:05",
        "Estado Anulado",
        digest("main"),
    ):
        assert expected in text


def test_the_file_tells_what_it_is_and_when_it_was_made(tmp_path: Path) -> None:
    with opened(replace(USUAL, number="(MPD)\\ €")) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Constancia de envío (MPD)\\ €"
        assert str(pdf.docinfo["/Author"]) == USUAL.entity
        assert str(pdf.docinfo["/Producer"]) == "borb"
        assert str(pdf.docinfo["/CreationDate"]) == "D:20260606224108-05'00'"
        assert str(pdf.docinfo["/ModDate"]) == "D:20260606224108-05'00'"
        assert str(pdf.Root.Lang) == "es-PE"


def test_the_picture_of_the_qr_code_is_the_code_itself_unturned(tmp_path: Path) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(pdf_of(USUAL))
    run_program("pdftoppm", "-r", "288", "-gray", "-singlefile", file, tmp_path / "page")
    width, _height, pixels = _read_pgm((tmp_path / "page.pgm").read_bytes())
    expected = qr_code(USUAL.verify_url).matrix
    quiet, count, module = 4, len(expected), 88 / len(expected)
    left, top = 595.276 - 48 - 88, 36 + 36 + 27 - 12

    def is_dark(row: int, column: int) -> bool:
        x, y = left + (column + 0.5) * module, top + (row + 0.5) * module
        return pixels[int(y * 4) * width + int(x * 4)] < 128

    seen = [[is_dark(row, column) for column in range(-quiet, count + quiet)] for row in range(-quiet, count + quiet)]

    blank = [False] * (count + 2 * quiet)
    rows = [[False] * quiet + [bool(module) for module in row] + [False] * quiet for row in expected]
    assert seen == [blank] * quiet + rows + [blank] * quiet


def _read_pgm(data: bytes) -> tuple[int, int, bytes]:
    magic, width, height, _deepest, pixels = re.split(rb"\s", data, maxsplit=4)
    assert magic == b"P5"
    return int(width), int(height), pixels
