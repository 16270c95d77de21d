"""Facts such as nobody would print: any Unicode, no files or many, texts that are empty or go over pages."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.people import IdentityKind
from rules.receipts import FileFacts, FoliosCount, Identification, LogHeadFacts, ReceiptFacts, SealFacts, SkippedDay
from tests.unit.receipts.samples import USUAL

ALPHABETS = (
    "abcdefghijklmnñopqrstuvwxyzáéíóúü ABC 0123456789 .,;:()-_",
    "()<>[]{}/%\\&'\"",
    "\0\x01\x07\x1b\x7f\x80\x9f\xa0\xad\u200b\u200d\u202a\u202e\u2066\ufeff\ufffe\uffff\t\n\r\u2028",
    "e\u0301n\u0303a\u0308\u0301\u0323",
    "文件漢字かなカナ한글",
    "שלוםمرحبا",
    "😀👩‍👧🏽🇵🇪",
    "\ud800\udfff",
    "W",
    "«»²³№—–…€",
)
CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def odd_text(chance: random.Random, longest: int) -> str:
    """Return a text of up to *longest* characters, mostly short."""
    length = int(longest * chance.random() ** 3)
    if chance.random() < 0.2:
        return "".join(chr(chance.randrange(1, sys.maxunicode)) for _ in range(length))
    alphabet = "".join(chance.sample(ALPHABETS, chance.choice((1, 1, 2, 3))))
    return "".join(chance.choices(alphabet, k=length))


def odd_file(chance: random.Random, ordinal: int) -> FileFacts:
    """Return a file with any name and a digest of its own."""
    return FileFacts(
        ordinal=ordinal,
        role=chance.choice(list(AttachmentRole)),
        name=odd_text(chance, 260),
        size_bytes=chance.randrange(10 ** chance.randrange(1, 13)),
        pages=chance.choice((None, 0, 1, chance.randrange(10_000))),
        sha256=f"{chance.getrandbits(256):064x}",
    )


def odd_facts(chance: random.Random) -> ReceiptFacts:
    """Return facts that nobody would print but that must be printed."""
    kind, version = chance.choice(list(ReceiptKind)), chance.choice((1, 1, 2))
    sent_at = FIRST + timedelta(seconds=chance.randrange(10**9))
    code = "-".join("".join(chance.choices(CODES, k=4)) for _ in range(4))
    optional = [odd_text(chance, 300) or None for _ in range(7)]
    return replace(
        USUAL,
        kind=kind,
        number=odd_text(chance, 40),
        verification_code=code,
        verify_url=f"https://mesadepartes.example.gob.pe/v/{code}",
        office=odd_text(chance, 200),
        sent_at=sent_at,
        acted_at=None if (kind, version) == (ReceiptKind.SUBMISSION, 1) else sent_at + timedelta(days=1),
        issued_at=chance.choice((None, sent_at + timedelta(days=2))),
        filed_on=date(2026, 6, 8) + timedelta(days=chance.randrange(9999)),
        filing_policy=chance.choice("ABC"),
        skipped_days=tuple(
            SkippedDay(on=date(2026, 6, 6), reason=odd_text(chance, 60)) for _ in range(chance.randrange(4))
        ),
        channel=chance.choice(list(Channel)),
        applicant=odd_text(chance, 300),
        identified_by=chance.choice(list(Identification)),
        identity_kind=chance.choice((None, *IdentityKind)),
        identity_number=optional[0],
        organization=optional[1],
        ruc=optional[2],
        email=optional[3],
        mobile=optional[4],
        document_kind=chance.choice((None, *DocumentKind)),
        document_number=optional[5],
        subject=odd_text(chance, 3000),
        folios=chance.choice((None, 0, 1, chance.randrange(10**6))),
        folios_count=chance.choice(list(FoliosCount)),
        files=tuple(odd_file(chance, place) for place in range(1, chance.choice((0, 1, 2, 3, 5, 8, 48)) + 1)),
        status=chance.choice(list(TramiteStatus)),
        missing=tuple(odd_text(chance, 400) for _ in range(chance.choice((0, 0, 1, 3)))),
        next_steps=odd_text(chance, 900),
        limits=odd_text(chance, 900),
        version=version,
        correction=optional[6],
        seal=chance.choice((None, _odd_seal(chance))),
        log_head=chance.choice((None, _odd_head(chance))),
    )


def _odd_seal(chance: random.Random) -> SealFacts:
    return SealFacts(
        holder=f"Sello {odd_text(chance, 200)}", issuer=odd_text(chance, 200), is_for_development=chance.random() < 0.5
    )


def _odd_head(chance: random.Random) -> LogHeadFacts:
    return LogHeadFacts(
        day=date(2026, 6, 7), size=chance.randrange(10**9), root_sha256=f"{chance.getrandbits(256):064x}"
    )
