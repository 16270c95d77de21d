"""Service tokens: made once, read little, end at once; what programs read is noted, and they change nothing."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from graphql import get_named_type, is_leaf_type, is_required_argument

from actions import tramites
from models.people import User
from models.register import Entry, EntryText, ReadEntry
from models.service_tokens import ServiceToken
from reading.changes import feed_cursor
from resolvers.authorization import ROOTS
from resolvers.root import build_schema
from rules.access import Role
from rules.authorization import ANYONE
from rules.reads import ReadKind
from rules.register import Act
from tests.api import Api, make_feed, served, subscribed
from tests.commands import command
from tests.journeys.parts import INSTITUTION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database

TOKEN = "token serviceToken { id ending scopes officeCodes madeBy expiresAt lastUsedAt revokedAt isLive }"
LISTED = "{ serviceTokens { edges { node { id name scopes officeCodes madeBy lastUsedAt isLive } } } }"
STATUS = "{ tramites { edges { node { number status office { code } filedOn } } } }"
PEOPLE = "{ tramites { edges { node { number senderName contact { email } } } } }"
REPORT = '{ report(from: "2026-03-01", to: "2026-03-31", groupBy: OFFICE) { lines { key filed } } }'
CHANGES = "subscription($after: Cursor) { statusChanges(after: $after) { cursor change { number toStatus } } }"


async def make(ana: Api, **changes: Any) -> dict[str, Any]:
    wish = {"clientKey": str(uuid4()), "name": "Tablero", "scopes": ["STATUS"], "allOffices": True}
    return await ana.mutate("createServiceToken", TOKEN, **{**wish, **changes})


async def program(ana: Api, **changes: Any) -> Api:
    return Api(ana.http, (await make(ana, **changes))["token"])


async def code_of(api: Api, document: str) -> str:
    return (await api.answer(document))["errors"][0]["extensions"]["code"]


def numbers(data: dict[str, Any]) -> set[str]:
    return {edge["node"]["number"] for edge in data["tramites"]["edges"]}


async def test_a_token_is_told_once_and_only_its_hash_is_kept(counter: Counter, ana: Api, database: Database) -> None:
    key = str(uuid4())
    made = await make(ana, clientKey=key)
    again = await make(ana, clientKey=key)

    shown, token = made["serviceToken"], made["token"]
    assert (len(token), token[:4], token[-6:]) == (53, "mps_", shown["ending"])
    assert (again["token"], again["serviceToken"]["id"]) == (None, shown["id"])
    [row] = await ServiceToken.all()
    assert row.expires_at == counter.clock() + timedelta(days=90)
    assert token not in str(vars(row)) + str([(e.record, e.detail) for e in await Entry.all()])
    [entry] = await Entry.filter(act=Act.SERVICE_TOKEN_MADE)
    assert (entry.role, entry.actor_id) == (Role.ADMINISTRATOR, ana.viewer.user_id)
    assert (entry.detail["serviceToken"], entry.detail["scopes"], entry.detail["offices"]) == (
        shown["id"],
        ["STATUS"],
        "ALL",
    )
    assert (await EntryText.get(sequence=entry.sequence)).text == "Tablero"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"scopes": []}, "NO_SCOPE", "scopes"),
        ({"scopes": ["PEOPLE"]}, "NO_SCOPE", "scopes"),
        ({"days": 366}, "TOKEN_LIFE", "days"),
        ({"days": 0}, "TOKEN_LIFE", "days"),
        ({"allOffices": False}, "TOKEN_OFFICES", "officeCodes"),
        ({"officeCodes": ["CUSCO"]}, "TOKEN_OFFICES", "officeCodes"),
        ({"name": "  "}, "TEXT_MISSING", "name"),
        ({"allOffices": False, "officeCodes": ["LUNA"]}, "OFFICE_NOT_FOUND", "officeCodes"),
    ],
)
async def test_a_wish_that_is_unclear_makes_nothing(ana: Api, changes: dict[str, Any], code: str, path: str) -> None:
    answer = await make(ana, **changes)

    assert (answer["code"], answer["path"][-1]) == (code, path)
    assert await ServiceToken.all().count() == 0


async def test_a_key_does_not_make_another_token(ana: Api) -> None:
    key = str(uuid4())
    await make(ana, clientKey=key)

    assert (await make(ana, clientKey=key, name="Otro"))["code"] == "CLIENT_KEY_REUSED"
    assert await ServiceToken.all().count() == 1


async def test_a_program_reads_what_its_scopes_say_and_the_whole_document_is_refused_for_one_field(
    counter: Counter, ana: Api
) -> None:
    tramite = await counter.file(await counter.register())
    status, people = await program(ana), await program(ana, scopes=["STATUS", "PEOPLE"])
    reports = await program(ana, scopes=["REPORTS"])

    assert numbers(await status.data(STATUS)) == numbers(await people.data(PEOPLE)) == {tramite.number}
    assert (await reports.data(REPORT))["report"]["lines"][0]["filed"] == 1
    hidden = "{ tramites { edges { node { number ...On } } } } fragment On on Tramite { x: contact { email } }"
    for each, document in ((status, PEOPLE), (status, hidden), (status, REPORT), (reports, STATUS), (people, REPORT)):
        answer = await each.answer(document)
        assert not answer["data"] or not any(answer["data"].values())
        assert answer["errors"][0]["extensions"]["code"] == "OUT_OF_SCOPE", document
    assert tramite.number not in str(await status.answer(f"{PEOPLE[:-1]} offices {{ code }} }}"))


@pytest.mark.parametrize("wish", ['name: "Quispe"', 'identityKind: DNI, identityNumber: "12345678"', 'text: "copia"'])
async def test_what_a_program_may_not_read_it_may_not_find(ana: Api, wish: str) -> None:
    document = f"{{ tramites(filter: {{ {wish} }}) {{ edges {{ node {{ number }} }} }} }}"

    assert await code_of(await program(ana), document) == "OUT_OF_SCOPE"
    assert (await (await program(ana, scopes=["STATUS", "PEOPLE"])).data(document))["tramites"]["edges"] == []
    in_files = '{ tramites(filter: { inFiles: "copia" }) { edges { node { number } } } }'
    assert await code_of(await program(ana, scopes=["STATUS", "PEOPLE"]), in_files) == "OUT_OF_SCOPE"


async def test_a_program_of_some_offices_reads_what_they_have_or_referred(counter: Counter, ana: Api) -> None:
    maria, clerk = await counter.register(), await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    here, gone = await counter.file(maria), await counter.file(maria)
    elsewhere = await counter.file(maria, office_code="PUNO")
    await tramites.refer_tramite(counter.tools, clerk, gone.id, office_code="CUSCO", text=None)
    limits = {"allOffices": False, "scopes": ["STATUS", "REPORTS"]}

    ours, theirs = (
        await program(ana, officeCodes=["SEDE-CENTRAL"], **limits),
        await program(ana, officeCodes=["PUNO", "CUSCO"], **limits),
    )

    assert numbers(await ours.data(STATUS)) == {here.number, gone.number}
    assert numbers(await theirs.data(STATUS)) == {elsewhere.number, gone.number}
    assert [line["key"] for line in (await theirs.data(REPORT))["report"]["lines"]] == ["CUSCO", "PUNO"]
    not_theirs = REPORT.replace("groupBy: OFFICE", 'officeCodes: ["SEDE-CENTRAL"]')
    assert (await theirs.data(not_theirs))["report"]["lines"][0]["filed"] == 0


async def test_a_program_changes_nothing_and_is_nobody_of_its_own(counter: Counter, ana: Api) -> None:
    reader = await program(ana, scopes=["STATUS", "PEOPLE", "REPORTS"])
    before = await Entry.all().count()

    signing_in = {"identityKind": "DNI", "identityNumber": "12345678", "password": "una frase"}
    for name, given in (("signIn", signing_in), ("createServiceToken", {"clientKey": str(uuid4()), "name": "x"})):
        kind = f"{name[0].upper()}{name[1:]}Input!"
        given = given | ({"scopes": ["STATUS"]} if name == "createServiceToken" else {})
        document = f"mutation($i: {kind}) {{ {name}(input: $i) {{ ... on Refusal {{ code }} }} }}"
        answer = await reader.answer(document, i=given)
        assert "PROGRAMS_ONLY_READ" in str(answer), answer
    assert await code_of(reader, "{ sessions { id } }") == "OUT_OF_SCOPE"
    assert await code_of(reader, "{ me { id } }") == "OUT_OF_SCOPE"
    assert (await reader.data("{ offices { code } }"))["offices"]
    headers = {"authorization": f"Bearer {reader.token}"}
    answered = await reader.http.get("/personal-data", headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (403, "OUT_OF_SCOPE")
    assert await Entry.all().count() == before


async def test_what_a_program_reads_is_noted_under_who_answers_for_it(counter: Counter, ana: Api) -> None:
    tramite = await counter.file(await counter.register())
    made = await make(ana, scopes=["STATUS", "PEOPLE"])
    reader = Api(ana.http, made["token"])

    await reader.data(STATUS)
    await reader.data(PEOPLE)
    await reader.data(f'{{ tramite(number: "{tramite.number}") {{ status }} }}')

    first, second = await ReadEntry.all().order_by("sequence")
    assert [(read.viewer_id, read.role) for read in (first, second)] == [(ana.viewer.user_id, Role.PROGRAM)] * 2
    assert [read.kind for read in (first, second)] == [ReadKind.TRAMITES, ReadKind.TRAMITE]
    assert {read.detail["serviceToken"] for read in (first, second)} == {made["serviceToken"]["id"]}


async def test_a_token_holds_until_it_expires_or_is_revoked(counter: Counter, ana: Api) -> None:
    short, revoked = await program(ana, days=1), await make(ana)
    assert "errors" not in await short.answer(STATUS)

    answer = await ana.mutate("revokeServiceToken", "serviceToken { isLive }", id=revoked["serviceToken"]["id"])
    again = await ana.mutate("revokeServiceToken", id=revoked["serviceToken"]["id"])
    codes = [await code_of(Api(ana.http, revoked["token"]), STATUS)]
    counter.clock.advance(days=1, seconds=1)

    assert answer["serviceToken"] == {"isLive": False}
    assert again["code"] == "SERVICE_TOKEN_NOT_FOUND"
    assert [*codes, await code_of(short, STATUS)] == ["SERVICE_TOKEN_NOT_GOOD"] * 2
    assert "errors" not in await short.answer("{ offices { code } }")
    [entry] = await Entry.filter(act=Act.SERVICE_TOKEN_REVOKED)
    assert (entry.actor_id, entry.detail) == (ana.viewer.user_id, {"serviceToken": revoked["serviceToken"]["id"]})


async def test_a_token_for_which_nobody_answers_any_more_is_worth_nothing(counter: Counter, api: Api, ana: Api) -> None:
    reader = await program(ana)
    jose = await api.signed_in(counter, role=Role.ADMINISTRATOR, identity_number="40000011", email="jose@c.pe")
    assert "errors" not in await reader.answer(STATUS)

    await jose.mutate("deactivateStaff", userId=str(ana.viewer.user_id), reason="Renunció.")

    assert await code_of(reader, STATUS) == "SERVICE_TOKEN_NOT_GOOD"
    [edge] = (await jose.data(LISTED))["serviceTokens"]["edges"]
    assert not edge["node"]["isLive"]


async def test_a_token_in_use_is_noted_at_most_every_five_minutes(counter: Counter, ana: Api) -> None:
    reader = await program(ana)
    used = [(await ServiceToken.get()).last_used_at]

    for minutes in (0, 4, 2):
        counter.clock.advance(minutes=minutes)
        await reader.data(STATUS)
        used.append((await ServiceToken.get()).last_used_at)

    began = counter.clock() - timedelta(minutes=6)
    assert used == [None, began, began, counter.clock()]


async def test_administrators_list_them_and_others_neither_see_nor_make_any(
    counter: Counter, api: Api, ana: Api
) -> None:
    await make(ana, name="Primero")
    await make(ana, name="Segundo", scopes=["REPORTS", "STATUS"])
    clerk = await api.signed_in(counter, role=Role.CLERK, office="CUSCO", identity_number="40000009", email="c@c.pe")
    plain = await api.signed_in(
        counter, role=Role.ADMINISTRATOR, has_second_factor=False, identity_number="40000010", email="d@c.pe"
    )

    listed = (await ana.data(LISTED))["serviceTokens"]["edges"]

    assert {(edge["node"]["name"], tuple(edge["node"]["scopes"])) for edge in listed} == {
        ("Primero", ("STATUS",)),
        ("Segundo", ("REPORTS", "STATUS")),
    }
    shown = "edges { node { name } } pageInfo { endCursor hasNextPage }"
    paged = f"query($after: String) {{ serviceTokens(first: 1, after: $after) {{ {shown} }} }}"
    first = (await ana.data(paged))["serviceTokens"]
    second = (await ana.data(paged, after=first["pageInfo"]["endCursor"]))["serviceTokens"]
    assert {page["edges"][0]["node"]["name"] for page in (first, second)} == {"Primero", "Segundo"}
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)
    for other in (clerk, plain):
        assert (await other.data(LISTED))["serviceTokens"]["edges"] == []
        assert (await make(other))["code"] == "NOT_YOUR_DUTY"
    changes = (await ana.data("{ administrationChanges { edges { node { act } } } }"))["administrationChanges"]["edges"]
    assert [edge["node"]["act"] for edge in changes][:2] == ["SERVICE_TOKEN_MADE"] * 2


async def test_cookies_do_not_count_beside_a_service_token(counter: Counter, ana: Api) -> None:
    reader = await program(ana)
    headers = {"x-mesa-client": "web", "cookie": f"__Host-mesa={ana.token}", "authorization": f"Bearer {reader.token}"}

    answer = await ana.http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers)
    as_cookie = {"x-mesa-client": "web", "cookie": f"__Host-mesa={reader.token}"}
    shown = await ana.http.post("/graphql", json={"query": STATUS}, headers=as_cookie)

    assert answer.json()["errors"][0]["extensions"]["code"] == "OUT_OF_SCOPE"
    assert shown.json()["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"


async def test_a_program_follows_the_feed_until_its_token_is_revoked(counter: Counter, database: Database) -> None:
    async with served(counter, make_feed(database, poll=timedelta(milliseconds=50))) as api:
        ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
        maria = await counter.register()
        tramite, _ = await counter.file(maria, office_code="CUSCO"), await counter.file(maria, office_code="PUNO")
        made = await make(ana, allOffices=False, officeCodes=["CUSCO"])
        async with subscribed(Api(api.http, made["token"]), CHANGES, after=feed_cursor(0)) as following:
            assert (await following.change())["number"] == tramite.number
            assert (await following.event())["change"] is None

            await ana.mutate("revokeServiceToken", id=made["serviceToken"]["id"])
            async with asyncio.timeout(2.5):
                ended = await following.receive()

            assert ended["payload"][0]["extensions"]["code"] == "SERVICE_TOKEN_NOT_GOOD"
            assert await following.close_code() == 4401


async def test_programs_that_read_the_same_are_served_together_and_end_apart(
    counter: Counter, database: Database
) -> None:
    async with served(counter, make_feed(database, poll=timedelta(milliseconds=50))) as api, AsyncExitStack() as stack:
        ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
        maria = await counter.register()
        made = [await make(ana, allOffices=False, officeCodes=["CUSCO"]) for _ in range(3)]
        made.append(await make(ana, allOffices=False, officeCodes=["PUNO"]))
        followers = [
            await stack.enter_async_context(subscribed(Api(api.http, each["token"]), CHANGES)) for each in made
        ]
        for each in followers:
            assert (await each.event())["change"] is None
        assert sorted(api.hub.groups) == [1, 3]

        await ana.mutate("revokeServiceToken", id=made[0]["serviceToken"]["id"])
        assert (await followers[0].receive())["payload"][0]["extensions"]["code"] == "SERVICE_TOKEN_NOT_GOOD"
        await counter.file(maria, office_code="PUNO")
        tramite = await counter.file(maria, office_code="CUSCO")
        for each in followers[1:3]:
            assert (await each.change())["number"] == tramite.number
        assert (await followers[3].change())["number"] != tramite.number


async def test_a_program_that_follows_whose_tramites_change_is_noted_once(counter: Counter, database: Database) -> None:
    whose = CHANGES.replace("number toStatus", "tramite { number senderName }")
    async with served(counter, make_feed(database)) as api:
        ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
        maria = await counter.register()
        await counter.file(maria)
        made = await make(ana, scopes=["STATUS", "PEOPLE"])
        for document in (CHANGES, whose):
            async with subscribed(Api(api.http, made["token"]), document, after=feed_cursor(0)) as following:
                await following.change()

    [read] = await ReadEntry.all()
    assert (read.kind, read.viewer_id, read.role) == (ReadKind.PEOPLE, ana.viewer.user_id, Role.PROGRAM)
    assert read.detail == {"following": True, "serviceToken": made["serviceToken"]["id"]}


async def test_what_is_for_anyone_is_answered_to_a_program_that_has_no_account(ana: Api) -> None:
    reader, kinds = await program(ana), build_schema()._schema.type_map  # pyright: ignore[reportPrivateUsage]
    fields: Any = kinds["Query"].fields  # pyright: ignore[reportAttributeAccessIssue]
    roots = [
        name
        for name, field in fields.items()
        if ROOTS[f"Query.{name}"] == ANYONE and not any(is_required_argument(each) for each in field.args.values())
    ]

    for name in roots:
        below = "" if is_leaf_type(get_named_type(fields[name].type)) else "{ __typename }"
        assert "errors" not in await reader.answer(f"{{ {name} {below} }}"), name

    assert await reader.data("{ me { __typename } }") == {"me": None}
    assert len(roots) > 8


async def test_the_command_makes_lists_and_revokes_one(
    counter: Counter, ana: Api, database: Database, tmp_path: Path
) -> None:
    number = (await User.get(id=ana.viewer.user_id)).identity_number
    environ = {**INSTITUTION, "MESA_DATABASE_URL": database.web_url, "MESA_DATA": str(tmp_path)}

    async def call(*words: str) -> tuple[int | None, str]:
        ended = await command("service-token", *words, environ=environ)
        return ended.code, ended.said.strip()

    code, token = await call("create", "Tablero", "--administrator", number, "--office", "CUSCO")
    [row] = await ServiceToken.all()
    reader, before = Api(ana.http, token), await ServiceToken.get()
    assert (code, before.offices, before.made_by_id) == (0, ["CUSCO"], ana.viewer.user_id)
    assert "errors" not in await reader.answer(STATUS)
    listed, revoked = await call("list"), await call("revoke", str(row.id))

    assert listed[1].startswith(f"good  used 2026-03-09 15:00  {row.id}")
    assert (token not in listed[1], token[-6:] in listed[1]) == (True, True)
    assert revoked == (0, "Revoked: Tablero")
    assert await code_of(reader, STATUS) == "SERVICE_TOKEN_NOT_GOOD"
    made = await Entry.filter(act__in=[Act.SERVICE_TOKEN_MADE, Act.SERVICE_TOKEN_REVOKED])
    assert [(entry.role, entry.actor_id) for entry in made] == [(Role.SYSTEM, None)] * 2
