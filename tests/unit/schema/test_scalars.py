"""Each scalar takes what has its form, and nothing else: no NUL, nothing without end, nothing that only looks alike."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLError

from schema.scalars import SCALARS

BY_NAME: dict[str, Any] = {each.name: each for each in SCALARS.values()}
ID = "2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81"

GOOD: dict[str, list[tuple[str, object]]] = {
    "UUID": [(ID, UUID(ID)), (ID.upper(), UUID(ID))],
    "UploadId": [(ID, UUID(ID))],
    "DateTime": [
        ("2026-03-10T16:29:00-05:00", dt.datetime(2026, 3, 10, 21, 29, tzinfo=dt.UTC)),
        ("2026-03-10T21:29:00.5Z", dt.datetime(2026, 3, 10, 21, 29, 0, 500_000, tzinfo=dt.UTC)),
    ],
    "Date": [("2026-03-10", "2026-03-10")],
    "Time": [("08:30", dt.time(8, 30))],
    "SHA256": [("a" * 64, "a" * 64)],
    "EmailAddress": [("maria@example.pe", "maria@example.pe")],
    "DNI": [("12345678", "12345678")],
    "RUC": [("20131312955", "20131312955")],
    "Cursor": [("x" * 400, "x" * 400)],
}

BAD: dict[str, list[object]] = {
    "UUID": [ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID}", ID[:-1], "２" + ID[1:]],
    "UploadId": [ID.replace("-", "")],
    "DateTime": ["2026-03-10T16:29:00", "2026-03-10", "2026-02-30T00:00:00Z", 1_700_000_000],
    "Date": ["2026-3-10", "2026-03-10T00:00:00Z", "２026-03-10", 20260310],
    "Time": ["8:30", "24:00", "08:30:00", "08:61"],
    "SHA256": ["A" * 64, "a" * 63, "a" * 65, "g" * 64],
    "EmailAddress": ["maria", "maria@localhost", f"{'m' * 65}@example.pe", f"m@{'e' * 250}.pe"],
    "DNI": ["1234567", "123456789", "1234567a"],
    "RUC": ["20131312954", "2013131295", "99131312955"],
    "Cursor": ["x" * 1_001],
}
NO_TEXTS = (None, 1, 1.5, True, [], {}, ["x"])


@pytest.mark.parametrize("name", BY_NAME)
def test_what_has_its_form_is_taken(name: str) -> None:
    assert [BY_NAME[name].parse_value(given) for given, _ in GOOD[name]] == [read for _, read in GOOD[name]]


@pytest.mark.parametrize("name", BY_NAME)
def test_what_has_not_is_refused_without_being_told_again(name: str) -> None:
    good = GOOD[name][0][0]
    with_nul = [f"{good}\0", f"\0{good}", f"{good[:2]}\0{good[2:]}", "\0"]
    for given in (*BAD[name], *with_nul, *NO_TEXTS, good * 10, "x" * 60_000, good + "\n", "\ud800"):
        with pytest.raises(GraphQLError) as refused:
            BY_NAME[name].parse_value(given)
        assert len(refused.value.message) < 100
        assert "\0" not in refused.value.message


def test_an_instant_without_its_offset_is_not_shown() -> None:
    with pytest.raises(ValueError, match="offset"):
        BY_NAME["DateTime"].serialize(dt.datetime(2026, 3, 10))  # noqa: DTZ001 - that is what is wrong with it
