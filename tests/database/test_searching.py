"""What staff search by, what nobody else may, and searches that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import tramites as desk
from models.searches import SavedSearch
from rules.access import Role
from rules.catalogue import DocumentKind
from rules.people import IdentityKind
from tests.api import execute_as_owner, in_process, make_feed
from tests.counter import PDF

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

FIND = """query($filter: TramiteFilter, $order: TramiteOrder, $saved: UUID) {
    tramites(filter: $filter, order: $order, savedSearch: $saved) {
        edges { node { subject } } totalCount { count } } }"""
SAVED = "{ savedSearches { id name order filter { number text statuses isLate owner dueTo officeCodes } } }"
SEARCH = "savedSearch { id name }"


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield made


async def subjects(api: Api, **wanted: Any) -> set[str]:
    return {edge["node"]["subject"] for edge in (await api.data(FIND, filter=wanted))["tramites"]["edges"]}


async def test_staff_find_by_person_name_owner_date_and_file(counter: Counter, api: Api, database: Database) -> None:
    rosa = await counter.register(
        identity_number="45671234", given_names="Rosa", first_surname="Muñoz", second_surname="Flores"
    )
    luis = await counter.register(identity_kind=IdentityKind.CE, identity_number="AB45671234", given_names="Luis")
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    same = PDF + b"the same"
    for who, subject in ((rosa, "Pedido de Luis"), (rosa, "Derivado"), (luis, "Tarde")):
        changes = {} if subject == "Pedido de Luis" else {"main_upload": (await counter.upload(who, data=same)).id}
        filed = await counter.file(
            who, subject=subject, office_code="PUNO", document_kind=DocumentKind.OTHER, **changes
        )
        if subject == "Derivado":
            await desk.refer_tramite(counter.tools, clerk.viewer, filed.id, office_code="PUNO", text=None)
            await execute_as_owner(
                database, f"UPDATE tramites SET owner_id = '{clerk.viewer.user_id}' WHERE id = '{filed.id}'"
            )
    counter.clock.advance(days=1)
    clerk, supervisor = [await each.signed_in_again(counter, each) for each in (clerk, supervisor)]
    everything = {"Pedido de Luis", "Derivado", "Tarde"}

    for wanted, expected in (
        ({"identityNumber": "45671234"}, {"Pedido de Luis", "Derivado"}),
        ({"identityNumber": "4567 1234", "identityKind": "DNI"}, {"Pedido de Luis", "Derivado"}),
        ({"identityNumber": "45671234", "identityKind": "CE"}, set[str]()),
        ({"identityNumber": "ab45671234"}, {"Tarde"}),
        ({"identityNumber": "00000001"}, set[str]()),
        ({"name": "munoz rosa"}, {"Pedido de Luis", "Derivado"}),
        ({"name": "luis"}, {"Tarde"}),
        ({"text": "luis"}, {"Pedido de Luis", "Tarde"}),
        ({"name": "rosa", "text": "pedido"}, {"Pedido de Luis"}),
        ({"isLate": True}, {"Pedido de Luis", "Tarde"}),
        ({"isLate": False}, {"Derivado"}),
        ({"dueTo": "2026-03-09"}, {"Pedido de Luis", "Tarde"}),
        ({"dueFrom": "2026-04-22", "dueTo": "2026-04-22"}, {"Derivado"}),
        ({"owner": "SOMEBODY"}, {"Derivado"}),
        ({"owner": "NOBODY"}, {"Pedido de Luis", "Tarde"}),
        ({"repeatsFile": True}, {"Tarde"}),
        ({"repeatsFile": False}, {"Pedido de Luis", "Derivado"}),
        ({"statuses": ["PENDING", "REFERRED"]}, everything),
        ({"statuses": ["REFERRED", "RESOLVED", "REFERRED"]}, {"Derivado"}),
        ({"officeCodes": ["PUNO", "LIMA"]}, everything),
        ({"officeCodes": ["LIMA"]}, set[str]()),
    ):
        for who in (clerk, supervisor):
            assert await subjects(who, **wanted) == expected, wanted
            assert (await who.data(FIND, filter=wanted))["tramites"]["totalCount"]["count"] == len(expected)
    assert await subjects(clerk, owner="ME") == {"Derivado"}
    assert await subjects(supervisor, owner="ME") == set()


async def test_what_the_desk_knows_is_not_asked_of_ones_own(counter: Counter, api: Api) -> None:
    for role, office in ((Role.APPLICANT, None), (Role.CLERK, "PUNO"), (Role.SUPERVISOR, None)):
        who, own = await api.signed_in(counter, role=role, office=office), f"De {role}"
        await counter.file(who.viewer, subject=own, office_code="PUNO")

        assert own in await subjects(who)
        for wanted in (
            {"owner": "NOBODY"}, {"repeatsFile": False}, {"isLate": False}, {"dueFrom": "2026-01-01"},
            {"dueTo": "2027-01-01"},
        ):  # fmt: skip
            assert own not in await subjects(who, **wanted), (role, wanted)
        due = (await who.data(FIND, order="DUE_SOONEST_FIRST"))["tramites"]["edges"]
        assert {"node": {"subject": own}} not in due


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"identityNumber": "%"}, "INVALID_IDENTITY", "identityNumber"),
        ({"identityNumber": "123", "identityKind": "DNI"}, "INVALID_IDENTITY", "identityNumber"),
        ({"name": "..."}, "TEXT_UNSEARCHABLE", "name"),
        ({"dueTo": "2026-02-30"}, "NO_SUCH_DAY", "dueTo"),
    ],
)
async def test_a_filter_that_holds_nonsense_says_where(
    counter: Counter, api: Api, wanted: dict[str, Any], code: str, field: str
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")

    [error] = (await clerk.answer(FIND, filter=wanted))["errors"]

    assert error["extensions"] == {"code": code, "path": ["filter", field]}


async def test_a_search_is_kept_changed_used_and_deleted(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(await counter.register(), subject="Pedido", office_code="PUNO")
    wanted = {"text": "pedido", "statuses": ["PENDING"], "isLate": False, "owner": "NOBODY", "dueTo": "2026-12-31"}

    saved = await clerk.mutate("saveSearch", SEARCH, name="  Mis   pedidos ", filter=wanted, order="DUE_SOONEST_FIRST")
    [listed] = (await clerk.data(SAVED))["savedSearches"]
    found = await clerk.data(FIND, saved=listed["id"])
    counter.clock.advance(hours=24)
    later = await (await clerk.signed_in_again(counter, clerk)).data(FIND, saved=listed["id"])
    clerk = await clerk.signed_in_again(counter, clerk)
    changed = await clerk.mutate("saveSearch", SEARCH, id=listed["id"], name="Otro", filter={"text": "nada"})
    after = await clerk.data(FIND, saved=listed["id"])

    assert saved["savedSearch"] == {"id": listed["id"], "name": "Mis pedidos"}
    assert listed == {
        "id": listed["id"], "name": "Mis pedidos", "order": "DUE_SOONEST_FIRST",
        "filter": {"number": None, "officeCodes": [], **wanted},
    }  # fmt: skip
    assert found["tramites"]["totalCount"]["count"] == 1
    assert later["tramites"]["totalCount"]["count"] == 0, "late is what is late when it is asked"
    assert changed["savedSearch"] == {"id": listed["id"], "name": "Otro"}
    assert after["tramites"]["totalCount"]["count"] == 0
    assert (await clerk.mutate("deleteSavedSearch", "savedSearchId", id=listed["id"]))["savedSearchId"] == listed["id"]
    assert (await clerk.data(SAVED))["savedSearches"] == []


async def test_kept_searches_are_of_one_person(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    other = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    kept = (await clerk.mutate("saveSearch", SEARCH, name="Mía", filter={}))["savedSearch"]

    stolen = await other.mutate("saveSearch", SEARCH, id=kept["id"], name="Tuya", filter={})
    deleted = await other.mutate("deleteSavedSearch", "savedSearchId", id=kept["id"])
    [error] = (await other.answer(FIND, saved=kept["id"]))["errors"]
    unknown = await other.mutate("deleteSavedSearch", "savedSearchId", id=str(uuid4()))

    assert {stolen["code"], deleted["code"], unknown["code"], error["extensions"]["code"]} == {"SEARCH_NOT_FOUND"}
    assert (await other.data(SAVED))["savedSearches"] == []
    assert [search.name for search in await SavedSearch.all()] == ["Mía"]
    assert "savedSearch" in await other.mutate("saveSearch", SEARCH, name="Mía", filter={})


async def test_a_search_that_cannot_be_kept_says_why(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    kept = (await clerk.mutate("saveSearch", SEARCH, name="Mía", filter={}))["savedSearch"]

    taken = await clerk.mutate("saveSearch", SEARCH, name="Mía", filter={})
    nameless = await clerk.mutate("saveSearch", SEARCH, name="  ", filter={})
    nonsense = await clerk.mutate("saveSearch", SEARCH, name="Otra", filter={"text": "..."})
    [both] = (await clerk.answer(FIND, saved=kept["id"], filter={}))["errors"]
    await SavedSearch.bulk_create(
        SavedSearch(
            owner_id=clerk.viewer.user_id, name=f"{number}", wanted={}, order="SENT_LATEST_FIRST",
            saved_at=counter.clock(),
        )
        for number in range(49)
    )  # fmt: skip
    many = await clerk.mutate("saveSearch", SEARCH, name="Una más", filter={})

    assert (taken["code"], taken["path"]) == ("SEARCH_NAME_TAKEN", ["input", "name"])
    assert (nameless["code"], nameless["path"]) == ("TEXT_MISSING", ["input", "name"])
    assert (nonsense["code"], nonsense["path"]) == ("TEXT_UNSEARCHABLE", ["input", "filter", "text"])
    assert both["extensions"]["code"] == "FILTER_TWICE"
    assert many["code"] == "TOO_MANY_SEARCHES"
    assert await SavedSearch.all().count() == 50
