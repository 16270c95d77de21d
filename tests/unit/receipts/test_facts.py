"""Facts survive their way through the database, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.receipts import ReceiptFacts
from tests.unit.receipts.samples import BY_MAIL, COMPLETED, CORRECTED, HEAVY, USUAL, VOIDED


@pytest.mark.parametrize("facts", [USUAL, BY_MAIL, HEAVY, CORRECTED, COMPLETED, VOIDED])
def test_facts_come_back_whole_from_json_and_from_bytes(facts: ReceiptFacts) -> None:
    assert ReceiptFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
    assert ReceiptFacts.from_bytes(facts.to_bytes()) == facts


def test_bytes_do_not_depend_on_the_order_of_keys_that_jsonb_gives_back() -> None:
    shuffled = dict(reversed(USUAL.to_json().items()))

    assert ReceiptFacts.from_json(shuffled).to_bytes() == USUAL.to_bytes()


def test_the_same_instant_in_another_zone_is_the_same_bytes() -> None:
    lima = USUAL.sent_at.astimezone(timezone(timedelta(hours=-5)))

    assert replace(USUAL, sent_at=lima).to_bytes() == USUAL.to_bytes()


@given(st.text())
def test_any_text_becomes_storable_json(text: str) -> None:
    broken = replace(USUAL, subject=f"{text}\0\ud800")

    stored = broken.to_bytes().decode("utf-8")

    assert "\\u0000" not in stored
    assert ReceiptFacts.from_json(json.loads(stored)).subject.endswith("\ufffd\ufffd")


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        replace(USUAL, sent_at=datetime(2026, 6, 7, 3, 41, 8))  # noqa: DTZ001


@pytest.mark.parametrize("url", ["https://ñ.pe/v/1", "https://example.pe/" + "v" * 300])
def test_an_address_that_a_reader_could_not_scan_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="QR"):
        replace(USUAL, verify_url=url)


def test_the_lookup_key_has_no_place_in_the_facts() -> None:
    assert not [name for name in USUAL.to_json() if "lookup" in name]


def test_what_additions_brought_is_no_part_of_other_receipts_whose_digest_is_in_their_pdf() -> None:
    assert {"version", "correction"} & USUAL.to_json().keys() == set()
    assert {"version", "correction"} & VOIDED.to_json().keys() == set()
    assert {"version", "correction"} <= CORRECTED.to_json().keys()
    assert (COMPLETED.to_json()["version"], COMPLETED.is_correction) == (2, False)


def test_each_kind_of_receipt_has_a_file_name_of_its_own() -> None:
    assert [facts.file_name() for facts in (USUAL, CORRECTED, COMPLETED, VOIDED)] == [
        "constancia-MPD-2026-000001-K.pdf",
        "constancia-de-subsanacion-MPD-2026-000001-K.pdf",
        "constancia-de-documento-completado-MPD-2026-000001-K.pdf",
        "constancia-de-anulacion-MPD-2026-000001-K.pdf",
    ]
