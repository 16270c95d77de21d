"""Receipts to measure with: a typical one and a heavy one, each another than the one before."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from rules import receipt_words as words
from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.people import IdentityKind
from rules.receipts import FileFacts, Identification, LogHeadFacts, ReceiptFacts, SealFacts, SkippedDay

TYPICAL, HEAVY = "typical", "heavy"
FILES = {TYPICAL: 3, HEAVY: 48}
BEGAN = datetime(2026, 6, 7, 3, 41, 8, tzinfo=UTC)
NAMES = (
    "Solicitud_licencia_de_funcionamiento.pdf",
    "Anexo 1 - Plano de ubicación (lámina A-01).pdf",
    "Vigencia de poder del representante.docx",
    "Fotografías del local, fachada e interior.zip",
)


def sample(kind: str, place: int) -> ReceiptFacts:
    """Return the facts of the receipt at *place*, of a usual filing or of one with all that a filing may have."""
    facts = _typical(place)
    return facts if kind == TYPICAL else _heavy(facts)


def _typical(place: int) -> ReceiptFacts:
    code = _digest(f"code {place}")[:16].upper()
    code = "-".join(code[start : start + 4] for start in range(0, 16, 4))
    at = BEGAN + timedelta(seconds=place)
    return ReceiptFacts(
        kind=ReceiptKind.SUBMISSION,
        entity="Municipalidad Distrital de San Sebastián del Ñandú",
        unit="Unidad de Gestión Documental – Mesa de Partes Digital",
        office="Oficina Regional Sur Oriente Cusco",
        number=f"MPD-2026-{place:06}-K",
        verification_code=code,
        verify_url=f"https://mesadepartes.example.gob.pe/verificar/{code}",
        sent_at=at,
        issued_at=at,
        filed_on=date(2026, 6, 8),
        filing_policy="A",
        calendar_version="2026-1",
        skipped_days=(
            SkippedDay(on=date(2026, 6, 6), reason="sábado"),
            SkippedDay(on=date(2026, 6, 7), reason="domingo"),
        ),
        channel=Channel.WEB,
        applicant=f"Ñaupari Quispe, María de los Ángeles {place}",
        identified_by=Identification.DECLARED,
        identity_kind=IdentityKind.DNI,
        identity_number=f"{45_000_000 + place}",
        organization="Panadería «El Niño» S.A.C.",
        ruc="20131370645",
        email=f"maria.naupari{place}@example.pe",
        mobile="987654321",
        document_kind=DocumentKind.APPLICATION,
        subject=f"Solicita licencia de funcionamiento n.º {place} – giro: panadería «El Niño», 40 m²",
        folios=11,
        files=_files(place, FILES[TYPICAL]),
        status=TramiteStatus.PENDING,
        next_steps=words.next_steps(ReceiptKind.SUBMISSION, missing=False),
        limits=words.limits(ReceiptKind.SUBMISSION),
        entity_ruc="20131370645",
        seal=SealFacts(holder="Municipalidad del Ñandú", issuer="Entidad de Certificación", is_for_development=False),
        log_head=LogHeadFacts(day=date(2026, 6, 6), size=1000 + place, root_sha256=_digest(f"root {place}")),
    )


def _heavy(facts: ReceiptFacts) -> ReceiptFacts:
    place = int(facts.number[9:15])
    return replace(
        facts,
        subject=(f"{place} Solicita evaluación de documentos «complementarios» del expediente, " * 5)[:300],
        files=_files(place, FILES[HEAVY]),
        missing=("Adjunte el documento principal: un archivo .pdf de hasta 20 MB.", "Indique a qué dependencia va."),
        next_steps=words.next_steps(ReceiptKind.SUBMISSION, missing=True),
    )


def _files(place: int, count: int) -> tuple[FileFacts, ...]:
    return tuple(
        FileFacts(
            ordinal=ordinal,
            role=AttachmentRole.MAIN if ordinal == 1 else AttachmentRole.ANNEX,
            name=f"{place}-{ordinal} {NAMES[(ordinal - 1) % len(NAMES)]}",
            size_bytes=ordinal * 100_003 + place,
            pages=ordinal if ordinal % 3 else None,
            sha256=_digest(f"file {place} {ordinal}"),
        )
        for ordinal in range(1, count + 1)
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
