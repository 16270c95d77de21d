"""Things by their ids: each in the place of its id, found by one statement, and looked at with a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from models.catalogue import Office
from models.register import ReadEntry
from rules.access import Role
from rules.reads import ReadKind
from tests.api import Api
from tests.statements import Statements

if TYPE_CHECKING:
    import pytest

    from tests.counter import Counter

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


async def test_each_is_in_the_place_of_its_id_and_what_is_none_is_null(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    tramite, office = await counter.file(maria.viewer), await Office.get(code="PUNO")
    strange = [str(uuid4()), "", "x" * 5_000, str(tramite.id).upper(), tramite.id.hex, "é\x7f"]
    ids = [str(office.id), *strange, str(tramite.id), str(office.id)]

    found = (await maria.data(NODES, ids=ids))["nodes"]

    shown = {"__typename": "Office", "id": ids[0]}
    assert found == [shown, *[None] * 6, {"__typename": "Tramite", "id": str(tramite.id)}, shown]


async def test_more_than_a_hundred_are_refused(api: Api) -> None:
    answer = await api.answer(NODES, ids=[str(uuid4())] * 101)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["PAGE_SIZE"]
    assert (await api.data(NODES, ids=[]))["nodes"] == []


async def test_three_cost_as_many_statements_as_one_and_what_is_no_id_none(
    counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await api.signed_in(counter)
    ids = [str((await counter.file(maria.viewer)).id) for _ in range(3)]
    await maria.data(NODES, ids=ids)
    statements = Statements(monkeypatch)

    one, three, none = [await statements.of(maria.data(NODES, ids=given)) for given in (ids[:1], ids, ["x"])]

    assert one == three == none + 2, "one for what they are, one for what is shown of trámites"


async def test_what_others_filed_leaves_a_trace_and_what_one_filed_oneself_none(counter: Counter, api: Api) -> None:
    maria = await api.signed_in(counter)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    tramite = await counter.file(maria.viewer)

    for person in (maria, auditor):
        await person.data("query($id: ID!) { node(id: $id) { ... on Tramite { subject } } }", id=str(tramite.id))

    [read] = await ReadEntry.all()
    assert (read.kind, read.viewer_id) == (ReadKind.TRAMITES, auditor.viewer.user_id)
    assert read.detail["ids"] == [str(tramite.id)]
