"""Facts as nobody would write them, for whatever must hold of every receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from rules.catalogue import AttachmentRole
from rules.receipts import FileFacts, Letterhead, LogHeadFacts, ReceiptFacts, SealFacts, SkippedDay
from tests.unit.receipts.samples import COMPLETED, CORRECTED, RECEIVED, SEALED, VOIDED, digest

STRANGE = [
    *("ñ", "n\u0303", "\u0301", "😀", "👩\u200d⚖️", "文件", "한", "שלום", "مرحبا", "ﷺ"),
    *("\u202e", "\u2066", "\u200f", "\u00ad", "\u200b", "\ufeff", "\ud800", "\udfff"),
    *("\0", "\x1b", "\x85", "\u2028", " ", "  ", "\t", "\n", "(", ")", "\\", "<", ">"),
    *("W" * 90, "i" * 300),
]
texts = st.lists(st.one_of(st.text(st.characters(), max_size=12), st.sampled_from(STRANGE)), max_size=30).map("".join)
short_texts = texts.map(lambda text: text[:80])
instants = st.datetimes(datetime(2020, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(2020, 1, 1), date(2999, 1, 1))
digests = short_texts.map(digest)

letterheads = st.builds(
    Letterhead,
    accent=st.sampled_from(["#c8102e", "#00563f", "#000000"]),
    mark=short_texts,
    emblem_sha256=st.none() | digests,
)
seals = st.builds(SealFacts, holder=texts, issuer=texts, is_for_development=st.booleans())
heads = st.builds(LogHeadFacts, day=days, size=st.integers(0, 10**15), root_sha256=digests)
files = st.builds(
    FileFacts,
    ordinal=st.integers(1, 999),
    role=st.sampled_from(AttachmentRole),
    name=texts,
    size_bytes=st.integers(0, 10**15),
    pages=st.none() | st.integers(0, 10**6),
    sha256=digests,
)
skipped_days = st.builds(SkippedDay, on=days, reason=texts)


@st.composite
def wild_facts(draw: st.DrawFn) -> ReceiptFacts:
    """Draw the facts of a receipt of any kind, in which everything that people write may be anything."""
    usual = draw(st.sampled_from([SEALED, CORRECTED, COMPLETED, VOIDED, RECEIVED]))
    written = ("entity", "unit", "office", "applicant", "subject", "next_steps", "limits")
    perhaps = ("organization", "email", "mobile", "document_number", "identity_number")
    drawn: dict[str, Any] = {
        **{name: draw(texts) for name in written},
        **{name: draw(st.none() | texts) for name in perhaps},
        "number": draw(short_texts),
        "verification_code": draw(short_texts),
        "calendar_version": draw(short_texts),
        "filing_policy": draw(st.sampled_from(["A", "B"]) | short_texts),
        "sent_at": draw(instants),
        "issued_at": draw(st.none() | instants),
        "entity_ruc": draw(st.none() | st.just("20131370645")),
        "skipped_days": tuple(draw(st.lists(skipped_days, max_size=4))),
        "files": tuple(draw(st.lists(files, max_size=48))),
        "missing": tuple(draw(st.lists(texts, max_size=4))),
        "letterhead": draw(letterheads),
        "seal": draw(st.none() | seals),
        "log_head": draw(st.none() | heads),
    }
    return replace(usual, **drawn)
