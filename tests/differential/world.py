"""A counter with a few dozen trámites in every status, and viewers of every role."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import asyncpg

from mesadepartes.multitude import multiply
from models.tramites import Tramite
from rules.access import Role
from tests.api import Api
from tests.differential.documents import ODD
from tests.differential.rows import DESK, FILES, LIFE, SPREAD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.counter import Counter
    from tests.servers.postgres import Database

COUNT = 45

PLACES = """query($order: TramiteOrder) {
    tramites(order: $order, last: 6) { edges { cursor } } inbox { edges { cursor } }
    tasks(first: 9) { edges { cursor } } mails(first: 9) { edges { cursor } } staff(first: 9) { edges { cursor } }
    templates(first: 9) { edges { cursor } } }"""
ORDERS = (
    "SENT_LATEST_FIRST", "SENT_LATEST_FIRST", "SENT_EARLIEST_FIRST", "FILED_LATEST_FIRST", "DEADLINE_SOONEST_FIRST",
)  # fmt: skip
SIZES = [*(1, 2, 3, 4, 5, 7) * 3, 20, 100]
NOBODYS = "2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81"
DAYS = ("sentFrom", "sentTo", "filedFrom", "filedTo", "dueFrom", "dueTo")
OFTEN = {"applicant": 5, "clerk": 5, "supervisor": 5, "auditor": 4, "administrator": 3}
"""How often who looks is not somebody who is shown less."""


@dataclass(frozen=True)
class World:
    """Who looks, by name, and what may be asked for, by names of arguments."""

    tokens: dict[str, str | None]
    values: dict[str, Sequence[Any]]

    @property
    def viewers(self) -> list[str]:
        """Who looks, each so often as is worth while."""
        return [who for who in self.tokens for _ in range(OFTEN.get(who, 1))]


async def make_world(api: Api, counter: Counter, database: Database, superuser_url: str) -> World:
    """Return a counter with all that may be asked for."""
    people = {
        "applicant": await api.signed_in(counter, identity_number="70000001"),
        "clerk": await api.signed_in(counter, identity_number="70000002", role=Role.CLERK, office="SEDE-CENTRAL"),
        "supervisor": await api.signed_in(counter, identity_number="70000003", role=Role.SUPERVISOR, office="CUSCO"),
        "auditor": await api.signed_in(counter, identity_number="70000004", role=Role.AUDITOR),
        "administrator": await api.signed_in(counter, identity_number="70000005", role=Role.ADMINISTRATOR),
        "newcomer": await api.signed_in(counter, identity_number="70000006"),
        "half": await api.signed_in(
            counter, identity_number="70000007", role=Role.CLERK, office="CUSCO", has_second_factor=False
        ),
    }
    await multiply(counter.tools, database.owner_url, COUNT, chance=random.Random(5), told=lambda _: None)
    owner = await asyncpg.connect(superuser_url)
    await owner.execute("SET session_replication_role = replica")
    for made in (FILES, LIFE, SPREAD, DESK):
        await owner.execute(made)
    await owner.execute("ANALYZE")
    await owner.close()
    tokens = {name: person.token for name, person in people.items()}
    return World({**tokens, **await _programs(people["administrator"]), "stranger": None}, await _values(people))


async def _programs(administrator: Api) -> dict[str, str | None]:
    """Return service tokens: one that reads all, one that reads little, and one that there is not."""

    async def made(**wish: Any) -> str:
        return (await administrator.mutate("createServiceToken", "token", name="Tablero", **wish))["token"]

    return {
        "program": await made(scopes=["STATUS", "PEOPLE", "REPORTS"], allOffices=True),
        "small program": await made(scopes=["STATUS"], officeCodes=["CUSCO"]),
        "false program": f"mps_{'0' * 49}",
    }


async def _values(people: Mapping[str, Api]) -> dict[str, Sequence[Any]]:
    """Return what arguments may be: mostly what there is, also what there is not, and what is no such thing."""
    numbers = [tramite.number for tramite in await Tramite.all().order_by("id")]
    searches = [await _search(people[who], **wanted) for who, wanted in SEARCHES]
    mailboxes = (await people["supervisor"].data("{ mailboxes { id } }"))["mailboxes"]
    return {
        **await _cursors(people),
        "first": [*SIZES, 0, 101, -1],
        "last": [*SIZES, 0, 101],
        "number": [*numbers, numbers[0].lower().replace("-", ""), "MPD-2026", "ninguno"],
        "savedSearch": [*searches * 3, NOBODYS, None, None, None],
        "code": ["SEDE-CENTRAL", "CUSCO", "LUNA"],
        "mailboxId": [*(mailbox["id"] for mailbox in mailboxes), NOBODYS, ODD],
        "day": ["2026-03-02", "2026-03-09", "2026-02-30"],
        "officeCode": ["SEDE-CENTRAL", "CUSCO", "SEDE-CENTRAL", "CUSCO", "LUNA", ""],
        "officeCodes": ["SEDE-CENTRAL", "CUSCO", "LUNA"],
        "organizationRuc": ["20131312955", "20131312956"],
        "text": ["copia", "solicito expe", "ñandú", "''"],
        "name": ["quispe", "maría"],
        "inFiles": ["made"],
        "identityNumber": ["70000001", "80000001", "x"],
        **{name: ["2025-01-01", "2026-03-09", "2026-02-30"] for name in DAYS},
    }


SEARCHES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("clerk", {"filter": {"text": "copia"}}),
    ("supervisor", {"filter": {"statuses": ["PENDING", "OBSERVED"]}, "order": "DUE_SOONEST_FIRST"}),
    ("auditor", {"filter": {"channel": "WEB"}, "order": "FILED_LATEST_FIRST"}),
    ("applicant", {"filter": {}}),
)


async def _search(person: Api, **wanted: Any) -> str:
    return (await person.mutate("saveSearch", "savedSearch { id }", name="Lo mío", **wanted))["savedSearch"]["id"]


async def _cursors(people: Mapping[str, Api]) -> dict[str, list[str]]:
    """Return places in each list, by the list and the argument; and all of them, which are no places in others."""
    found = dict[str, list[str]]()
    for person in people.values():
        for order in ORDERS:
            answer = await person.answer(PLACES, order=order)
            for name, page in (answer.get("data") or {}).items():
                found.setdefault(name, []).extend(edge["cursor"] for edge in page["edges"][::2])
    every = [cursor for cursors in found.values() for cursor in cursors]
    places = {f"{name}.{argument}": cursors for name, cursors in found.items() for argument in ("after", "before")}
    return {**places, "after": [*every, "", "lejos"], "before": [*every, "lejos"]}
