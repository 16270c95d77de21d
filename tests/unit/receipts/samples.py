"""Facts to print, from the usual to the extreme, and the programs that look at the result."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import segno
from PIL import Image

from receipts.layout import lay_out
from receipts.letterhead import lay_out_letterhead
from receipts.writer import render
from rules import receipt_words as wording
from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.people import IdentityKind
from rules.receipts import (
    FileFacts,
    FoliosCount,
    Identification,
    Letterhead,
    LogHeadFacts,
    ReceiptFacts,
    SealFacts,
    SkippedDay,
)

if TYPE_CHECKING:
    from pathlib import Path

    from receipts.marks import Mark

ROOM = 4096
PACKAGES = {"qpdf": "qpdf", "mutool": "mupdf-tools", "zbarimg": "zbar-tools"}


def digest(text: str) -> str:
    """Return the SHA-256 of *text*, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


USUAL = ReceiptFacts(
    kind=ReceiptKind.SUBMISSION,
    entity="Municipalidad Distrital de San Sebastián del Ñandú",
    unit="Unidad de Gestión Documental – Mesa de Partes Digital",
    office="Oficina Regional Sur Oriente Cusco",
    number="MPD-2026-000001-K",
    verification_code="M7HY-EVQA-4BOZ-G4DB",
    verify_url="https://mesadepartes.example.gob.pe/v/M7HY-EVQA-4BOZ-G4DB",
    sent_at=datetime(2026, 6, 7, 3, 41, 8, tzinfo=UTC),
    filed_on=date(2026, 6, 8),
    filing_policy="A",
    calendar_version="2026-1",
    skipped_days=(
        SkippedDay(on=date(2026, 6, 6), reason="sábado"),
        SkippedDay(on=date(2026, 6, 7), reason="domingo"),
    ),
    channel=Channel.WEB,
    applicant="Ñaupari Quispe, María de los Ángeles",
    identified_by=Identification.DECLARED,
    identity_kind=IdentityKind.DNI,
    identity_number="45671289",
    organization="Panadería «El Niño» S.A.C.",
    ruc="20131370645",
    email="maria.naupari@example.pe",
    mobile="987654321",
    document_kind=DocumentKind.APPLICATION,
    subject="Solicita licencia de funcionamiento – giro: panadería «El Niño» nº 3, 40 m²",
    folios=11,
    files=(
        FileFacts(
            ordinal=1,
            role=AttachmentRole.MAIN,
            name="Solicitud_licencia_2026.pdf",
            size_bytes=842_113,
            pages=3,
            sha256=digest("main"),
        ),
        FileFacts(
            ordinal=2,
            role=AttachmentRole.ANNEX,
            name="Anexo 1 - Plano (A-01).pdf",
            size_bytes=12_204_118,
            pages=1,
            sha256=digest("plan"),
        ),
        FileFacts(
            ordinal=3,
            role=AttachmentRole.ANNEX,
            name="Vigencia de poder.docx",
            size_bytes=900,
            sha256=digest("power"),
        ),
    ),
    status=TramiteStatus.PENDING,
    next_steps=wording.next_steps(ReceiptKind.SUBMISSION, missing=False),
    limits=wording.limits(ReceiptKind.SUBMISSION),
)

BY_MAIL = replace(
    USUAL,
    channel=Channel.EMAIL,
    identified_by=Identification.MAIL_SENDER,
    identity_kind=None,
    identity_number=None,
    organization=None,
    ruc=None,
    mobile=None,
    document_kind=None,
    folios=None,
    missing=("Adjunte el documento principal: un archivo .pdf de hasta 20 MB.", "Indique a qué dependencia se dirige."),
    next_steps=wording.next_steps(ReceiptKind.SUBMISSION, missing=True),
)

CORRECTED = replace(
    USUAL,
    version=2,
    acted_at=datetime(2026, 6, 10, 4, 59, 58, tzinfo=UTC),
    correction="Firmé la solicitud.\nEl anexo 3 es la vigencia de poder del mes.",
    files=(
        replace(USUAL.files[0], name="Solicitud firmada.pdf", sha256=digest("signed")),
        replace(USUAL.files[2], ordinal=4, name="Vigencia de junio.pdf", sha256=digest("power of june")),
    ),
    next_steps=wording.next_steps(ReceiptKind.SUBMISSION, missing=False, is_correction=True),
    limits=wording.limits(ReceiptKind.SUBMISSION, is_correction=True),
)
COMPLETED = replace(
    BY_MAIL,
    kind=ReceiptKind.COMPLETION,
    version=2,
    acted_at=datetime(2026, 6, 10, 4, 59, 58, tzinfo=UTC),
    missing=(),
    files=(replace(USUAL.files[0], name="Solicitud.pdf"), replace(USUAL.files[1], ordinal=4, name="Plano.pdf")),
    next_steps=wording.next_steps(ReceiptKind.COMPLETION, missing=False),
    limits=wording.limits(ReceiptKind.COMPLETION),
)
VOIDED = replace(
    USUAL,
    kind=ReceiptKind.VOIDING,
    status=TramiteStatus.VOIDED,
    acted_at=datetime(2026, 6, 9, 13, 30, 5, tzinfo=UTC),
    next_steps=wording.next_steps(ReceiptKind.VOIDING, missing=False),
    limits=wording.limits(ReceiptKind.VOIDING),
)


def _paint_emblem() -> bytes:
    target = io.BytesIO()
    picture = Image.new("RGB", (40, 64), "white")
    picture.paste((20, 90, 160), (4, 4, 36, 60))
    picture.save(target, "PNG")
    return target.getvalue()


EMBLEM = _paint_emblem()
WITH_EMBLEM = replace(USUAL, letterhead=Letterhead(emblem_sha256=hashlib.sha256(EMBLEM).hexdigest()))


def with_files(count: int, *, name: str) -> ReceiptFacts:
    """Return facts with *count* files whose names begin with their place and go on with *name*."""
    files = tuple(
        FileFacts(
            ordinal=place,
            role=AttachmentRole.MAIN if place == 1 else AttachmentRole.ANNEX,
            name=f"{place}{name}",
            size_bytes=place * 1_000_003,
            pages=place,
            sha256=digest(f"{place}"),
        )
        for place in range(1, count + 1)
    )
    return replace(USUAL, files=files)


DEVELOPMENT = SealFacts(
    holder="MUNICIPALIDAD DISTRITAL DE SAN SEBASTIÁN DEL ÑANDÚ – AGENTE AUTOMATIZADO",
    issuer="Autoridad de certificación de desarrollo",
    is_for_development=True,
)
SEALED = replace(
    USUAL,
    issued_at=datetime(2026, 6, 7, 3, 41, 9, tzinfo=UTC),
    entity_ruc="20131370645",
    seal=replace(DEVELOPMENT, issuer="Entidad de Certificación de Ejemplo CA 3", is_for_development=False),
    log_head=LogHeadFacts(day=date(2026, 6, 5), size=12_345, root_sha256=digest("root")),
)
TEST = replace(SEALED, seal=DEVELOPMENT)

RECEIVED = replace(
    SEALED,
    kind=ReceiptKind.RECEPTION,
    status=TramiteStatus.REFERRED,
    folios_count=FoliosCount.CLERK,
    acted_at=datetime(2026, 6, 9, 14, 0, 5, tzinfo=UTC),
    issued_at=datetime(2026, 6, 9, 14, 0, 6, tzinfo=UTC),
    next_steps=wording.next_steps(ReceiptKind.RECEPTION, missing=False),
    limits=wording.limits(ReceiptKind.RECEPTION),
)
WORDY = replace(CORRECTED, correction="Subsano lo observado. " * 360 + "\n\n" + "ñ" * 40, files=())
HEAVY = replace(with_files(48, name="_ábcdéñ 文件 😀" * 20), subject="Ñandú «ágil» " * 23, missing=BY_MAIL.missing)

LONG_WORDS = with_files(48, name="W" * 196 + ".pdf")
EXTREME = replace(
    TEST,
    entity="Municipalidad " * 30,
    unit="W" * 300,
    entity_ruc="20131370645",
    office="Oficina " * 40,
    number="MPDIGI-2026-123456789012-K",
    verify_url="https://" + "mesadepartes." * 20 + "gob.pe/verificar/M7HY-EVQA",
    applicant="Ñ" * 200,
    subject="W" * 300,
    email=f"{'a' * 64}@{'b.' * 94}pe",
    document_number="N" * 100,
    folios=99_999,
    missing=("W" * 300, "falta " * 200),
    files=tuple(replace(file, size_bytes=10**15, pages=10**6, ordinal=999) for file in LONG_WORDS.files),
    seal=replace(DEVELOPMENT, holder="TITULAR " * 40, issuer="E" * 300),
)


def pages_of(facts: ReceiptFacts) -> list[list[Mark]]:
    """Return what stands on each page, the letterhead first, in the order in which it is drawn."""
    paper = lay_out_letterhead(facts.entity, facts.unit, facts.entity_ruc, facts.letterhead)
    first, *others = lay_out(facts).pages
    return [[mark for run in page for mark in run.marks] for page in ([*paper.pages[0], *first], *others)]


def pdf_of(facts: ReceiptFacts, *, emblem: bytes | None = None, claims_conformity: bool = True) -> bytes:
    """Return the receipt of *facts* before it is sealed."""
    return render(facts, room=ROOM, emblem=emblem, claims_conformity=claims_conformity).content


def qr_code(url: str) -> segno.QRCode:
    """Return segno's QR code of *url*, masked as is usual for addresses with a code of that length."""
    path, _, code = url.rpartition("/")
    blank = segno.make(f"{path}/{'A' * len(code)}", error="m", micro=False, boost_error=False, mode="byte")
    return segno.make(url, error="m", boost_error=False, mode="byte", mask=blank.mask, version=blank.version)


def run_program(program: str, *arguments: str | Path) -> str:
    """Return what *program* says of a file; skips the test, naming Debian's package, where it is not installed."""
    return run_and_hear(program, *arguments)[0]


def run_and_hear(program: str, *arguments: str | Path) -> tuple[str, str]:
    """Return what *program* says, and what it complains of."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is missing: apt-get install {PACKAGES.get(program, 'poppler-utils')}")
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def text_of(pdf: bytes, folder: Path, *options: str) -> str:
    """Return the text that pdftotext reads in *pdf*."""
    file = folder / "receipt.pdf"
    file.write_bytes(pdf)
    return run_program("pdftotext", *options, file, "-")
