"""Update and void by the API: what changes, and what is told to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from models.receipts import Notice
from models.register import Entry
from rules.access import Role
from rules.notices import NoticeKind
from rules.register import Act
from tests.api import Api
from tests.counter import Counter
from tests.words import said_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

from tests.database.desk import fetch
from tests.database.following import file, seen

LIST = "query($filter: TramiteFilter) { tramites(filter: $filter) { edges { node { number status } } } }"


@pytest_asyncio.fixture
async def maria(api: Api, counter: Counter) -> Api:
    return await api.signed_in(counter)


@pytest_asyncio.fixture
async def clerk(api: Api, counter: Counter) -> Api:
    return await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")


@pytest.mark.parametrize(
    ("given", "field", "before", "after"),
    [
        ({"subject": "Solicito copia certificada"}, "subject", "Solicito copia de mi expediente", None),
        ({"folios": 7}, "folios", 3, 7),
        ({"documentKind": "LETTER"}, "documentKind", "APPLICATION", "LETTER"),
        ({"documentNumber": "15-2026"}, "documentNumber", None, "15-2026"),
        ({"officeCode": "CUSCO"}, "office", {"code": "SEDE-CENTRAL"}, {"code": "CUSCO"}),
    ],
)
async def test_an_update_changes_what_is_given_and_nothing_else(
    maria: Api, counter: Counter, given: dict[str, Any], field: str, before: object, after: object
) -> None:
    tramite = await file(maria, counter)
    old = await seen(maria, tramite)

    answer = await maria.mutate("updateTramite", id=tramite["id"], **given)

    new = await seen(maria, tramite)
    assert answer["__typename"] == "UpdateTramiteSuccess"
    assert (old[field], new[field]) == (before, after if after is not None else given[field])
    assert new["history"][1]["act"] == "UPDATED"
    unchanged = {name: value for name, value in old.items() if name not in (field, "history")}
    assert {name: new[name] for name in unchanged} == unchanged


async def test_an_update_that_gives_nothing_or_the_same_records_and_tells_nothing(maria: Api, counter: Counter) -> None:
    tramite = await file(maria, counter)
    acts, told = await Entry.all().count(), await Notice.all().count()

    empty = await maria.mutate("updateTramite", id=tramite["id"])
    same = await maria.mutate("updateTramite", id=tramite["id"], folios=3, documentNumber="S/N", officeCode=None)

    assert {empty["__typename"], same["__typename"]} == {"UpdateTramiteSuccess"}
    assert (await Entry.all().count(), await Notice.all().count()) == (acts, told)


async def test_a_number_is_taken_away_by_sn(maria: Api, counter: Counter) -> None:
    tramite = await file(maria, counter, documentNumber="15-2026")

    await maria.mutate("updateTramite", id=tramite["id"], documentNumber="SN")

    assert (await seen(maria, tramite))["documentNumber"] is None


async def test_the_register_keeps_of_contact_data_only_that_they_changed(maria: Api, counter: Counter) -> None:
    tramite = await file(maria, counter)

    await maria.mutate(
        "updateTramite", id=tramite["id"], folios=4, contactEmail="nueva@example.pe", contactMobile="912345678"
    )

    entry = await Entry.get(act=Act.UPDATED)
    assert entry.detail == {
        "changes": {"folios": {"before": 3, "after": 4}},
        "rewritten": ["contactEmail", "contactMobile"],
    }
    for hidden in ("nueva@example.pe", "912345678", "987654321", "maria."):
        assert hidden not in entry.record
    told = {notice.kind: notice.address for notice in await Notice.filter(tramite_id=tramite["id"])}
    assert told[NoticeKind.UPDATED] == "nueva@example.pe"
    assert str(told[NoticeKind.CONTACT_CHANGED]).startswith("maria.")


async def test_an_office_that_an_update_leaves_no_longer_sees_it(
    api: Api, maria: Api, clerk: Api, counter: Counter
) -> None:
    cusco = await api.signed_in(counter, role=Role.CLERK, office="CUSCO")
    tramite = await file(maria, counter)
    before = [await seen(each, tramite) is not None for each in (clerk, cusco)]

    await maria.mutate("updateTramite", id=tramite["id"], officeCode="CUSCO")

    assert before == [True, False]
    assert [await seen(each, tramite) is not None for each in (clerk, cusco)] == [False, True]
    answer = await clerk.mutate("observeTramite", id=tramite["id"], text="Falta.")
    assert answer["__typename"] == "NotFound"


async def test_voiding_twice_is_answered_alike_and_done_once(maria: Api, counter: Counter) -> None:
    tramite = await file(maria, counter)
    selection = "tramite { number status allowedSteps receipts { kind version url } }"
    counter.clock.advance(minutes=1)

    answers = [
        await maria.mutate("voidTramite", selection, id=tramite["id"], reason=reason)
        for reason in ("Lo presenté dos veces.", "Otro motivo.")
    ]

    assert answers[0] == answers[1]
    assert [receipt["kind"] for receipt in answers[0]["tramite"]["receipts"]] == ["SUBMISSION", "VOIDING"]
    assert (answers[0]["tramite"]["status"], answers[0]["tramite"]["allowedSteps"]) == ("VOIDED", [])
    [entry] = await Entry.filter(act=Act.VOIDED)
    assert await said_with(entry) == "Lo presenté dos veces."
    assert await Notice.filter(kind=NoticeKind.VOIDED).count() == 1


async def test_a_reason_that_is_too_long_is_named(maria: Api, counter: Counter) -> None:
    tramite = await file(maria, counter)

    answer = await maria.mutate("voidTramite", id=tramite["id"], reason="x" * 501)

    refused = (answer["__typename"], answer["code"], answer["path"])
    assert refused == ("InvalidInput", "TEXT_TOO_LONG", ["input", "reason"])
    assert (await seen(maria, tramite))["status"] == "PENDING"


@pytest.mark.parametrize("reason", [None, "", "  ", "x" * 499, "x" * 500])
async def test_a_reason_is_free_up_to_its_limit(maria: Api, counter: Counter, reason: str | None) -> None:
    tramite = await file(maria, counter)

    answer = await maria.mutate("voidTramite", id=tramite["id"], reason=reason)

    assert answer["__typename"] == "VoidTramiteSuccess"
    assert await said_with(await Entry.get(act=Act.VOIDED)) == ((reason or "").strip() or None)


async def test_a_voided_tramite_is_found_by_number_and_status_only(maria: Api, counter: Counter) -> None:
    kept, voided = await file(maria, counter), await file(maria, counter)
    await maria.mutate("voidTramite", id=voided["id"])

    listed, asked = await maria.data(LIST), await maria.data(LIST, filter={"statuses": ["VOIDED"]})

    assert [edge["node"]["number"] for edge in listed["tramites"]["edges"]] == [kept["number"]]
    assert [edge["node"]["number"] for edge in asked["tramites"]["edges"]] == [voided["number"]]
    assert (await seen(maria, voided))["status"] == "VOIDED"
    assert (await file(maria, counter))["number"][9:15] == "000003"


async def test_the_constancia_de_anulacion_can_be_fetched_and_by_nobody_else(
    api: Api, maria: Api, counter: Counter, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    tramite = await file(maria, counter)
    counter.clock.advance(minutes=1)
    await maria.mutate("voidTramite", id=tramite["id"])
    url = (await seen(maria, tramite))["receipts"][1]["url"]

    (tmp_path / "receipt.pdf").write_bytes(await fetch(maria, url))

    text = pdf_text(tmp_path / "receipt.pdf")
    assert "Constancia de anulación" in text
    assert tramite["number"] in text
    assert await fetch(await api.signed_in(counter), url) == b""
