"""Sensitive reads leave a trace before they are answered: of staff, about others, and of nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from actions import applicant, tramites
from actions.reads import note_read
from actions.transaction import NestedTransactionError, tx
from models.receipts import Receipt
from models.register import ReadEntry
from models.tramites import Attachment
from rules.access import Role
from rules.reads import ReadKind
from tests.api import Api, execute_as_owner, make_feed, served, subscribed
from tests.people import JOSE
from tests.requests import ask, claim, with_jose

if TYPE_CHECKING:
    from models.tramites import Tramite
    from tests.counter import Counter
    from tests.servers.postgres import Database

LOOK = "query($number: String!) { tramite(number: $number) { number } }"
REGISTER = """query($first: Int! = 20, $after: String, $act: Act, $tramite: String, $actor: UUID) {
    register(first: $first, after: $after, act: $act, tramite: $tramite, actorId: $actor) {
        edges { cursor node { sequence at act role actorId tramiteNumber fromStatus toStatus record isTextErased
            previousHash hash } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
READS = """query($first: Int! = 20, $kind: ReadKind, $tramite: String, $viewer: UUID, $subject: UUID) {
    sensitiveReads(first: $first, kind: $kind, tramite: $tramite, viewerId: $viewer, subjectId: $subject) {
        edges { node { sequence kind viewerId role tramiteNumber subjectId record hash } } } }"""


@pytest_asyncio.fixture
async def maria(counter: Counter, api: Api) -> Api:
    return await api.signed_in(counter)


@pytest_asyncio.fixture
async def clerk(counter: Counter, api: Api) -> Api:
    return await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")


@pytest_asyncio.fixture
async def auditor(counter: Counter, api: Api) -> Api:
    return await api.signed_in(counter, role=Role.AUDITOR)


@pytest_asyncio.fixture
async def tramite(counter: Counter, maria: Api) -> Tramite:
    return await counter.file(maria.viewer)


async def reads() -> list[tuple[Any, ...]]:
    return [
        (read.kind, read.viewer_id, read.role, read.tramite_id, read.subject_id)
        for read in await ReadEntry.all().order_by("sequence")
    ]


async def fetch(api: Api, kind: str, id_: object) -> int:
    return (await api.http.get(f"/{kind}/{id_}", headers={"authorization": f"Bearer {api.token}"})).status_code


async def test_staff_who_look_at_a_tramite_leave_a_trace(clerk: Api, tramite: Tramite) -> None:
    assert (await clerk.data(LOOK, number=tramite.number))["tramite"] is not None

    assert await reads() == [(ReadKind.TRAMITE, clerk.viewer.user_id, Role.CLERK, tramite.id, None)]


async def test_who_looks_at_their_own_leaves_none(maria: Api, tramite: Tramite, counter: Counter) -> None:
    file, receipt = await Attachment.get(tramite_id=tramite.id), await Receipt.get(tramite_id=tramite.id)

    await maria.data(LOOK, number=tramite.number)
    assert [await fetch(maria, "files", file.id), await fetch(maria, "receipts", receipt.id)] == [200, 200]

    assert await reads() == []


async def test_what_is_not_found_leaves_none(clerk: Api, api: Api, counter: Counter, tramite: Tramite) -> None:
    stranger = await api.signed_in(counter)
    elsewhere = await api.signed_in(counter, role=Role.CLERK, office="CUSCO")
    file = await Attachment.get(tramite_id=tramite.id)

    for each in (stranger, elsewhere):
        assert (await each.data(LOOK, number=tramite.number))["tramite"] is None
        assert await fetch(each, "files", file.id) == 404

    assert await reads() == []


async def test_staff_who_fetch_a_file_or_a_receipt_leave_a_trace(clerk: Api, tramite: Tramite) -> None:
    file, receipt = await Attachment.get(tramite_id=tramite.id), await Receipt.get(tramite_id=tramite.id)

    assert [await fetch(clerk, "files", file.id), await fetch(clerk, "receipts", receipt.id)] == [200, 200]

    who = (clerk.viewer.user_id, Role.CLERK, tramite.id)
    assert await reads() == [(ReadKind.FILE, *who, file.id), (ReadKind.RECEIPT, *who, receipt.id)]


async def test_what_cannot_be_noted_is_not_shown(clerk: Api, tramite: Tramite, database: Database) -> None:
    file = await Attachment.get(tramite_id=tramite.id)
    await execute_as_owner(database, "DROP FUNCTION reads_append(text)")

    answer = await clerk.answer(LOOK, number=tramite.number)
    status = await fetch(clerk, "files", file.id)

    assert (answer["data"], answer["errors"][0]["extensions"]["code"], status) == (
        {"tramite": None},
        "INTERNAL_ERROR",
        500,
    )


async def test_a_read_is_no_part_of_a_transaction(counter: Counter, clerk: Api) -> None:
    async with tx():
        with pytest.raises(NestedTransactionError):
            await note_read(counter.tools, clerk.viewer, ReadKind.TRAMITE)


async def test_who_follows_one_tramite_leaves_a_trace_once(counter: Counter, database: Database) -> None:
    async with served(counter, make_feed(database)) as api:
        maria = await api.signed_in(counter)
        clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
        tramite = await counter.file(maria.viewer)

        for each in (maria, clerk):
            follow = """subscription($n: String) {
                statusChanges(filter: {number: $n}, fromStart: true) { cursor change { number } } }"""
            async with subscribed(each, follow, n=tramite.number) as subscription:
                assert await subscription.change() == {"number": tramite.number}

    assert await reads() == [(ReadKind.TRAMITE, clerk.viewer.user_id, Role.CLERK, tramite.id, None)]


async def test_who_follows_all_with_who_filed_it_leaves_a_trace_once_and_a_desk_that_looks_at_numbers_none(
    counter: Counter, database: Database
) -> None:
    async with served(counter, make_feed(database)) as api:
        maria = await api.signed_in(counter)
        clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
        await counter.file(maria.viewer)

        for each in (maria, clerk):
            for asked in ("number tramite { status }", "text", "tramite { senderName }"):
                follow = f"subscription {{ statusChanges(fromStart: true) {{ cursor change {{ {asked} }} }} }}"
                async with subscribed(each, follow) as subscription:
                    assert await subscription.change()

    assert await reads() == [(ReadKind.PEOPLE, clerk.viewer.user_id, Role.CLERK, None, None)] * 2
    assert [read.detail for read in await ReadEntry.all()] == [{"following": True}] * 2


async def test_requests_about_accounts_leave_a_trace_of_all_that_were_shown(
    counter: Counter, api: Api, database: Database
) -> None:
    await with_jose(counter, api)
    await ask(api)
    assert (await api.mutate("claimIdentity", **claim()))["__typename"] == "ClaimIdentitySuccess"
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    [recovery] = (await supervisor.data("{ recoveryRequests { edges { node { id } } } }"))["recoveryRequests"]["edges"]
    document = "query($n: String) { identityClaims(identityNumber: $n) { edges { node { id } } } }"
    [made] = (await supervisor.data(document, n=JOSE["identityNumber"]))["identityClaims"]["edges"]
    assert (await supervisor.data(document, n="99999999"))["identityClaims"]["edges"] == []

    first, second = await ReadEntry.all().order_by("sequence")
    assert (first.kind, first.detail) == (
        ReadKind.RECOVERY_REQUESTS,
        {"ids": [recovery["node"]["id"]], "byPerson": False},
    )
    assert (second.kind, second.detail) == (ReadKind.IDENTITY_CLAIMS, {"ids": [made["node"]["id"]], "byPerson": True})
    assert JOSE["identityNumber"] not in first.record + second.record


async def test_an_auditor_reads_the_register_page_by_page(
    counter: Counter, auditor: Api, maria: Api, tramite: Tramite
) -> None:
    await applicant.void_tramite(counter.tools, maria.viewer, tramite.id, reason="Sufro del corazón")

    first = (await auditor.data(REGISTER, first=2))["register"]
    rest = (await auditor.data(REGISTER, first=2, after=first["pageInfo"]["endCursor"]))["register"]

    nodes = [edge["node"] for edge in (*first["edges"], *rest["edges"])]
    assert [(node["sequence"], node["act"]) for node in nodes] == [
        ("1", "REGISTERED"),
        ("2", "REGISTERED"),
        ("3", "FILED"),
        ("4", "VOIDED"),
    ]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert [node["previousHash"] for node in nodes[1:]] == [node["hash"] for node in nodes[:-1]]
    assert {key: nodes[3][key] for key in ("role", "actorId", "tramiteNumber", "fromStatus", "toStatus")} == {
        "role": "APPLICANT",
        "actorId": str(maria.viewer.user_id),
        "tramiteNumber": tramite.number,
        "fromStatus": "PENDING",
        "toStatus": "VOIDED",
    }
    assert "corazón" not in str(nodes)
    noted = await ReadEntry.filter(kind=ReadKind.REGISTER).order_by("sequence")
    assert [(read.viewer_id, read.detail) for read in noted] == [
        (auditor.viewer.user_id, {"first": 1, "last": 2}),
        (auditor.viewer.user_id, {"first": 3, "last": 4}),
    ]


async def test_the_register_is_narrowed_down(auditor: Api, maria: Api, tramite: Tramite) -> None:
    async def found(**wanted: object) -> list[str]:
        edges = (await auditor.data(REGISTER, **wanted))["register"]["edges"]
        return [edge["node"]["act"] for edge in edges]

    assert await found(act="FILED") == ["FILED"]
    assert await found(tramite=tramite.number.lower()) == ["FILED"]
    assert await found(actor=str(maria.viewer.user_id)) == ["REGISTERED", "FILED"]
    assert await found(act="VOIDED") == []
    assert await found(tramite="MPD-2026-000009-6") == []


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"first": 0}, "PAGE_SIZE"),
        ({"first": 101}, "PAGE_SIZE"),
        ({"after": "zzz"}, "UNKNOWN_CURSOR"),
        ({"tramite": "MPD-2026-000001-A"}, "INVALID_NUMBER"),
    ],
)
async def test_a_page_that_is_none_is_refused(auditor: Api, wanted: dict[str, object], code: str) -> None:
    answer = await auditor.answer(REGISTER, **wanted)

    [error] = answer["errors"]
    assert error["extensions"] == {"code": code, "path": [*wanted]}


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CLERK, Role.SUPERVISOR, Role.ADMINISTRATOR])
async def test_to_others_the_register_is_empty(counter: Counter, api: Api, tramite: Tramite, role: Role) -> None:
    office = "SEDE-CENTRAL" if role is Role.CLERK else None
    somebody = await api.signed_in(counter, role=role, office=office)

    assert (await somebody.data(REGISTER))["register"]["edges"] == []
    assert (await somebody.data(READS))["sensitiveReads"]["edges"] == []
    assert await reads() == []


async def test_nobody_reads_the_register_without_signing_in(api: Api, tramite: Tramite) -> None:
    assert (await api.answer(REGISTER))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
    assert (await api.answer(READS))["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_an_auditor_reads_who_was_shown_what(clerk: Api, auditor: Api, tramite: Tramite) -> None:
    file = await Attachment.get(tramite_id=tramite.id)
    await clerk.data(LOOK, number=tramite.number)
    await fetch(clerk, "files", file.id)

    async def found(**wanted: object) -> list[tuple[str, str | None]]:
        edges = (await auditor.data(READS, **wanted))["sensitiveReads"]["edges"]
        return [(edge["node"]["kind"], edge["node"]["tramiteNumber"]) for edge in edges]

    assert await found(tramite=tramite.number) == [("TRAMITE", tramite.number), ("FILE", tramite.number)]
    assert await found(subject=str(file.id)) == [("FILE", tramite.number)]
    assert await found(kind="READS") == [("READS", None), ("READS", None)]
    assert await found(viewer=str(clerk.viewer.user_id), first=1) == [("TRAMITE", tramite.number)]


async def test_words_of_before_are_not_shown_to_who_may_not_read_them(
    counter: Counter, clerk: Api, auditor: Api, tramite: Tramite, database: Database
) -> None:
    await tramites.refer_tramite(
        counter.tools, clerk.viewer, tramite.id, office_code="SEDE-CENTRAL", text="Entre nosotros"
    )
    owner = await asyncpg.connect(database.owner_url)
    record = await owner.fetchval("SELECT record FROM entries WHERE act = 'REFERRED'")
    old = record.replace('"form":2,', "").replace(record[record.index('"text":"') + 8 :][:64], "Entre nosotros")
    await owner.fetchval("SELECT register_append($1)", old)
    await owner.close()

    edges = (await auditor.data(REGISTER, act="REFERRED"))["register"]["edges"]

    assert [edge["node"]["record"] is None for edge in edges] == [False, True]
    assert "Entre nosotros" not in str(edges)


async def test_who_could_not_be_noted_for_one_of_two_is_shown_neither_and_is_noted_once(
    api: Api, counter: Counter, maria: Api, database: Database
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    first, second = [await counter.file(maria.viewer, office_code="PUNO") for _ in range(2)]
    broken = f"ALTER TABLE read_entries ADD CHECK (tramite_id <> '{second.id}')"
    await execute_as_owner(database, broken)
    both = "query($a: String!, $b: String!) { a: tramite(number: $a) { subject } b: tramite(number: $b) { subject } }"

    response = await clerk.post(both, a=first.number, b=second.number)

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert [read.tramite_id for read in await ReadEntry.all()] == [first.id]
