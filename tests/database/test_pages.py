"""Pages of trámites: whole lists once, from either end, whatever comes and goes."""

from __future__ import annotations

import base64
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from graphql import build_schema as graphql_schema
from strawberry.utils.str_converters import to_snake_case

from actions import tramites as desk
from actions.applicant import void_tramite
from models.catalogue import Office
from models.people import Post
from models.tramites import Tramite
from reading.access import visible_tramites
from reading.cursors import Cursors, place_of
from reading.finding import MOST_COUNTED
from resolvers.paging import SignedCursors
from resolvers.root import Query, print_sdl
from rules.access import Role
from tests.api import execute_as_owner, in_process, make_feed
from tests.database.looking import FIND, ORDERS, find, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database


LISTS = {
    **{
        name: f"query($after: String) {{ {name}(first: 1, after: $after) {{ edges {{ cursor }} }} }}"
        for name in (
            "administrationChanges",
            "calendarVersions",
            "identityClaims",
            "mails",
            "policyVersions",
            "receiptLogHeads",
            "recoveryRequests",
            "register",
            "sensitiveReads",
            "serviceTokens",
            "staff",
            "tasks",
            "templates",
        )
    },
    "keptThings": "query($after: String) { keptThings(kind: SESSIONS, first: 1, after: $after) { edges { cursor } } }",
}
"""The other lists that are read in pages."""


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield await made.signed_in(counter)


async def many(counter: Counter, api: Api, count: int) -> None:
    """File some, of which some at the same instant; observe every third."""
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    for number in range(count):
        filed = await counter.file(api.viewer, subject=f"Pedido {number}")
        if number % 3 == 0:
            await desk.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")
        if number % 2:
            counter.clock.advance(hours=5)


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_from_either_end_are_the_whole_list_once(counter: Counter, api: Api, order: str) -> None:
    await many(counter, api, 11)
    api = await api.signed_in_again(counter, api)
    whole = [edge["node"]["number"] for edge in (await find(api, first=100, order=order))["edges"]]
    forward, backward = list[str](), list[str]()
    after = before = None
    while True:
        page = await find(api, first=2, after=after, order=order)
        forward += [edge["node"]["number"] for edge in page["edges"]]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    while True:
        page = await find(api, last=2, before=before, order=order)
        backward = [edge["node"]["number"] for edge in page["edges"]] + backward
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break

    assert len(whole) == (4 if order.startswith("DEADLINE") else 11)
    assert forward == backward == whole


async def test_pages_of_a_clerk_are_what_they_filed_have_and_had_once(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await Post.create(user_id=clerk.viewer.user_id, office=await Office.get(code="LIMA"))
    clerk = await clerk.signed_in_again(counter, clerk)
    for number in range(18):
        sender, office = (api, clerk)[number % 5 == 0].viewer, ("PUNO", "LIMA", "CUSCO")[number % 3]
        filed = await counter.file(sender, subject=f"Pedido {number}", office_code=office)
        if number % 4 == 1 and office != "CUSCO" and sender is api.viewer:
            target = "LIMA" if number % 3 == 0 else "CUSCO"
            await desk.refer_tramite(counter.tools, clerk.viewer, filed.id, office_code=target, text=None)
        if number % 2:
            counter.clock.advance(hours=5)
    clerk = await clerk.signed_in_again(counter, clerk)
    allowed = {tramite.number for tramite in await visible_tramites(clerk.viewer)}

    for order in ORDERS[:3]:
        whole = await find(clerk, first=100, order=order)
        numbers = [edge["node"]["number"] for edge in whole["edges"]]
        assert (len(numbers), set(numbers)) == (len(allowed), allowed)
        assert whole["totalCount"] == {"count": len(allowed), "isExact": True}
        forward, backward, after, before = list[str](), list[str](), None, None
        for _ in range(-(-len(allowed) // 4)):
            page = await find(clerk, first=4, after=after, order=order)
            forward, after = forward + [edge["node"]["number"] for edge in page["edges"]], page["pageInfo"]["endCursor"]
            page = await find(clerk, last=4, before=before, order=order)
            backward = [edge["node"]["number"] for edge in page["edges"]] + backward
            before = page["pageInfo"]["startCursor"]
        assert forward == backward == numbers


async def test_a_page_goes_on_where_the_last_one_ended_while_others_come_and_go(counter: Counter, api: Api) -> None:
    await many(counter, api, 8)
    api = await api.signed_in_again(counter, api)
    expected = [edge["node"]["subject"] for edge in (await find(api, first=100))["edges"]]
    first = await find(api, first=3)
    counter.clock.advance(minutes=1)
    await counter.file(api.viewer, subject="Nuevo")
    last_seen = await Tramite.get(number=first["edges"][-1]["node"]["number"])
    if last_seen.status.value == "PENDING":
        await void_tramite(counter.tools, api.viewer, last_seen.id)

    rest = await find(api, first=100, after=first["pageInfo"]["endCursor"])

    seen = [edge["node"]["subject"] for edge in (*first["edges"], *rest["edges"])]
    assert seen == expected


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"first": 1, "last": 1}, "PAGE_FROM_BOTH_ENDS"),
        ({"after": "x", "before": "x"}, "UNKNOWN_CURSOR"),
        ({"first": 0}, "PAGE_SIZE"),
        ({"last": 101}, "PAGE_SIZE"),
        ({"after": "bm8"}, "UNKNOWN_CURSOR"),
        ({"before": "é"}, "UNKNOWN_CURSOR"),
    ],
)
async def test_a_page_that_is_none_is_refused(api: Api, variables: dict[str, Any], code: str) -> None:
    assert (await refusal(api, **variables))["code"] == code


EXTREMES = (
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+00:00",
    "9999-12-31T23:59:59+00:00",
    "2026-03-09",
    "2026-03-09T10:00:00",
    "4714-W53-7",
    "",
    "1" * 400,
)


async def codes_of(api: Api, document: str, **variables: Any) -> list[str]:
    """Return the codes of an answer's errors."""
    return [error["extensions"]["code"] for error in (await api.answer(document, **variables)).get("errors", [])]


async def test_whatever_was_signed_is_a_place_or_none(counter: Counter, api: Api) -> None:
    """No place of another version of this counter does harm."""
    await counter.file(api.viewer)
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    sign = counter.tools.cursors.sign

    for place, id_ in product(EXTREMES, (uuid4().hex, "-1")):
        said = [
            await codes_of(api, FIND, order=order, **{end: sign("tramites", place_of(order, place, id_))})
            for order in ORDERS
            for end in ("after", "before")
        ]
        said += [await codes_of(supervisor, ask, after=sign(name, place_of(place, id_))) for name, ask in LISTS.items()]
        assert all(codes in ([], ["UNKNOWN_CURSOR"]) for codes in said), (place, id_)


async def test_what_this_counter_did_not_sign_for_a_list_is_a_cursor_of_none(counter: Counter, api: Api) -> None:
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    place, signed = place_of("2026-03-09T10:00:00+00:00", uuid4().hex), counter.tools.cursors.sign
    own = base64.urlsafe_b64encode(place.encode()).decode()
    foreign = Cursors(b"a key of another counter").sign

    for name, ask in LISTS.items():
        given = signed(name, place)
        forged = [
            given[:-1],
            given[1:],
            given + "A",
            given + "=",
            given.swapcase(),
            f"{given[:-9]}{given[-9:].upper()}!",
        ]
        strange = [
            "",
            "é" * 400,
            "[" * 9_000,
            place,
            own,
            own.rstrip("="),
            foreign(name, place),
            signed("other", place),
        ]
        for cursor in (*forged, *strange):
            assert await codes_of(auditor, ask, after=cursor) == ["UNKNOWN_CURSOR"], (cursor, ask)


def test_every_list_of_the_schema_is_paged_and_its_cursors_are_signed() -> None:
    fields: list[Any] = Query.__strawberry_definition__.fields  # pyright: ignore[reportAttributeAccessIssue]
    signed = {
        field.python_name for field in fields if any(isinstance(each, SignedCursors) for each in field.extensions)
    }
    built = graphql_schema(print_sdl())
    shown = {
        to_snake_case(name)
        for name, field in (built.query_type.fields.items() if built.query_type else ())
        if str(field.type).rstrip("!").endswith("Connection")
    }

    assert signed == shown
    assert {to_snake_case(name) for name in (*LISTS, "tramites", "inbox")} == shown


async def test_a_cursor_of_another_order_is_refused(counter: Counter, api: Api) -> None:
    await counter.file(api.viewer)
    cursor = (await find(api))["pageInfo"]["endCursor"]

    assert (await refusal(api, after=cursor, order="FILED_LATEST_FIRST"))["code"] == "UNKNOWN_CURSOR"


async def test_counts_are_exact_up_to_a_thousand_and_say_so(counter: Counter, api: Api, database: Database) -> None:
    await many(counter, api, 4)
    same = (
        "status, observed_before, channel, applicant_id, office_id, subject, sender_name, missing, sent_at, filed_on, "
        "filing_rule"
    )
    copies = f"""
        INSERT INTO tramites (id, number, lookup_key, {same})
        SELECT gen_random_uuid(), 'X-' || n, 'X-' || n, {same}
        FROM (SELECT * FROM tramites LIMIT 1) t, generate_series(1, {MOST_COUNTED - 4}) n"""
    await execute_as_owner(database, copies)
    api = await api.signed_in_again(counter, api)
    exact = (await find(api))["totalCount"]
    await counter.file(api.viewer)

    assert exact == {"count": MOST_COUNTED, "isExact": True}
    assert (await find(api))["totalCount"] == {"count": MOST_COUNTED, "isExact": False}
    assert (await find(api, filter={"text": "pedido 3"}))["totalCount"] == {"count": 1, "isExact": True}
