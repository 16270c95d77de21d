"""The API as front ends use it: lists, history, what everybody may ask, and what goes wrong."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from models.tramites import Tramite
from rules.access import Role
from tests.api import Api, execute_as_owner
from tests.database.asking import LIST, TRAMITE, file
from tests.statements import Statements

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database


async def test_pages_hold_each_trámite_once_also_those_of_one_instant(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    for place in range(5):
        await file(maria, counter)
        if place == 2:
            counter.clock.advance(minutes=1)

    found: list[str] = []
    after, has_more = None, True
    while has_more:
        page = (await maria.data(LIST, first=2, after=after))["tramites"]
        found += [edge["node"]["number"] for edge in page["edges"]]
        after, has_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    rows = await Tramite.all().order_by("-sent_at", "-id")
    assert found == [row.number for row in rows]
    assert (await maria.data(LIST, first=5, filter={"statuses": ["RESOLVED"]}))["tramites"]["edges"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "PAGE_SIZE"),
        ("first: 101", "PAGE_SIZE"),
        ('after: "nada"', "UNKNOWN_CURSOR"),
        ('after: "WzFd"', "UNKNOWN_CURSOR"),
        ('after: "ñ"', "UNKNOWN_CURSOR"),
    ],
)
async def test_a_page_that_cannot_be_given_is_refused(api: Api, counter: Counter, arguments: str, code: str) -> None:
    maria = await api.signed_in(counter)

    answer = await maria.answer(f"{{ tramites({arguments}) {{ pageInfo {{ hasNextPage }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == code
    assert answer["data"] is None


async def test_history_is_asked_for_in_bounds_and_under_aliases(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    await clerk.mutate("referTramite", id=tramite["id"], officeCode="SEDE-CENTRAL")
    asked = f"tramite(number: {json.dumps(tramite['number'])})"

    both = await maria.data(f"{{ {asked} {{ one: history(last: 1) {{ act }} all: history(last: 100) {{ act }} }} }}")
    too_many = await maria.answer(f"{{ {asked} {{ history(last: 101) {{ act }} }} }}")

    assert both["tramite"] == {"one": [{"act": "REFERRED"}], "all": [{"act": "FILED"}, {"act": "REFERRED"}]}
    assert too_many["errors"][0]["extensions"]["code"] == "PAGE_SIZE"


async def test_a_list_takes_no_more_statements_for_three_rows_than_for_one(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await api.signed_in(counter)
    document = f"""
        {{ tramites {{ edges {{ node {{ ...Whole }} }} }} me {{ offices {{ code }} }} }}
        fragment Whole on Tramite {{ {TRAMITE} }}"""
    await file(maria, counter)
    statements = Statements(monkeypatch)

    one = await maria.data(document)
    taken = statements.count
    for _ in range(2):
        await file(maria, counter)
    statements.count = 0
    three = await maria.data(document)

    assert (len(one["tramites"]["edges"]), len(three["tramites"]["edges"])) == (1, 3)
    assert taken == 3, "who asks, and each root"
    assert statements.count == 2, "who asks is remembered, and proven by the first of the roots"


async def test_a_list_takes_one_statement_besides_that_for_who_asks(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await api.signed_in(counter)
    await file(maria, counter)
    statements = Statements(monkeypatch)

    await maria.data(
        "{ tramites { totalCount { count } edges { node { number office { name } attachments { name } } } } }"
    )

    assert statements.count == 2


async def test_the_counter_tells_its_offices_hours_and_policy_to_everybody(api: Api) -> None:
    data = await api.data(
        '{ offices { code } privacyPolicy { version } openingHours(officeCode: "CUSCO") '
        "{ isOpen filedOnIfSentNow office { name } } }"
    )

    assert len(data["offices"]) == 9
    assert data["privacyPolicy"] == {"version": "2026-1"}
    assert data["openingHours"] == {
        "isOpen": True,
        "filedOnIfSentNow": "2026-03-09",
        "office": {"name": "Oficina Regional Sur Oriente Cusco"},
    }


async def test_an_unforeseen_error_is_answered_with_an_id_and_logged_once(
    api: Api, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await execute_as_owner(database, "ALTER TABLE offices RENAME TO offices_gone")

    with caplog.at_level(logging.ERROR):
        answer = await api.answer("{ offices { code } }")

    [error] = answer["errors"]
    id_ = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "id": id_}
    assert error["message"] == (
        f"Ocurrió un error inesperado. Comuníquese con la mesa de partes e indique el código {id_}."
    )
    assert "relation" not in json.dumps(answer)
    [record] = caplog.records
    assert id_ in record.getMessage()
    assert record.exc_info is not None
