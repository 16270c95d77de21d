"""The facts attached to a receipt are what the published schema says: nothing less, nothing more."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker

import rules
from rules.receipts import FIRST_LAYOUT, ReceiptFacts
from tests.unit.receipts.samples import (
    BY_MAIL,
    COMPLETED,
    CORRECTED,
    EXTREME,
    HEAVY,
    RECEIVED,
    SEALED,
    TEST,
    USUAL,
    VOIDED,
)
from tests.unit.receipts.wild import wild_facts

SCHEMA: dict[str, Any] = json.loads((Path(rules.__file__).parent / "receipt-facts.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
SAMPLES = [USUAL, SEALED, TEST, BY_MAIL, RECEIVED, CORRECTED, COMPLETED, VOIDED, HEAVY, EXTREME]


def mistakes_in(facts: dict[str, Any]) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(facts)]


def objects_in(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the schemas of all objects in *schema*."""
    inner = [schema, *schema.get("properties", {}).values(), schema.get("items", {})]
    found = [each for part in inner[1:] for each in objects_in(part)] if schema else []
    return [schema, *found] if "properties" in schema else found


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("layout", [1, 2])
@pytest.mark.parametrize("facts", SAMPLES)
def test_facts_of_every_kind_and_layout_are_as_it_says(facts: ReceiptFacts, layout: int) -> None:
    assert mistakes_in(json.loads(replace(facts, layout=layout).to_bytes())) == []


@given(wild_facts())
@settings(max_examples=60, deadline=None)
def test_so_they_are_whatever_people_write(facts: ReceiptFacts) -> None:
    assert mistakes_in(json.loads(facts.to_bytes())) == []


@pytest.mark.parametrize("facts", [USUAL, CORRECTED, replace(USUAL, layout=FIRST_LAYOUT)])
def test_a_fact_that_is_missing_or_too_much_is_refused(facts: ReceiptFacts) -> None:
    told = facts.to_json()

    for name in told:
        assert mistakes_in({other: told[other] for other in told if other != name}), name
    for name in ("lookup_key", "layout_2"):
        assert mistakes_in({**told, name: "x"})


def test_a_receipt_of_the_first_layout_says_nothing_of_seals() -> None:
    told = replace(USUAL, layout=FIRST_LAYOUT).to_json()

    for name in ("issued_at", "entity_ruc", "letterhead", "seal", "log_head"):
        assert mistakes_in({**told, name: None})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "CONSTANCIA"),
        ("sent_at", "2026-06-07T03:41:08-05:00"),
        ("filed_on", "2026-13-08"),
        ("filed_on", "08/06/2026"),
        ("files", None),
        ("folios", -1),
        ("verify_url", "https://ñ.pe/"),
        ("entity_ruc", "2013137064"),
        ("layout", 3),
        ("version", 1),
    ],
)
def test_a_fact_of_another_form_is_refused(name: str, value: object) -> None:
    assert mistakes_in({**CORRECTED.to_json(), name: value})


def test_every_field_of_the_facts_is_described() -> None:
    assert SCHEMA["properties"].keys() == {field.name for field in fields(ReceiptFacts)}
    for each in objects_in(SCHEMA):
        assert each["additionalProperties"] is False
        for name, field in each["properties"].items():
            assert field["description"].endswith((".", "…", "…)")), name
