"""Every list of the schema is read in one statement for each root, besides the one that tells who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from graphql import build_schema

from benchmarks.graphql_statements import GIVEN, counted, lists_of, reads_of
from mesadepartes.database import connected
from models.tramites import Tramite
from resolvers.root import print_sdl
from tests.api import in_process, make_feed
from tests.counter import Clock, Counter, make_tools
from tests.matrix import (
    accounts,
    administration,
    desk,
    finding,
    mailboxes,
    mails,
    personal_data,
    staff,
    texts,
    tramites,
)
from tests.matrix.world import OFFICE, World, owner_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.credentials import PasswordPool
    from tests.lasting_jail import LastingJail
    from tests.servers.postgres import DatabaseServer

MAKERS = (
    accounts.recovery,
    accounts.claim,
    accounts.account_task,
    accounts.draft,
    accounts.session,
    administration.office,
    administration.policy,
    administration.service_token,
    administration.named,
    desk.owned,
    desk.noted,
    desk.resolved,
    desk.template,
    desk.retired,
    finding.search,
    mailboxes.mailbox,
    mails.held,
    personal_data.changed,
    staff.member,
    staff.invitation,
    texts.worded,
    tramites.task,
    tramites.annotated,
    tramites.observed,
    tramites.sealed,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    database_server: DatabaseServer,
    database_template: str,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[World]:
    database = await database_server.new_database(database_template)
    folder, clock = tmp_path_factory.mktemp("lists"), Clock()
    tools = make_tools(folder, clock=clock, jail=lasting_jail, hasher=password_pool)
    owner = await owner_of(database)
    async with connected(database.web_url):
        counter = Counter(tools, clock)
        await counter.open()
        async with in_process(counter, make_feed(database)) as stranger:
            world = World(counter, stranger, owner, folder / "staging")
            await world.open()
            yield world
    await owner.close()
    await database_server.drop_database(database.name)


import resolvers.engine.plans.planning as _P

_P.logger.debug = lambda m, *a, **k: print("DEBUG", m % a)


@pytest.mark.asyncio(loop_scope="module")
async def test_each(world: World) -> None:
    for maker in MAKERS:
        for person in world.people.values():
            if person.role is None:
                continue
            for relation in range(3):
                try:
                    await world.thing(maker, person, relation, is_spent=True)
                except Exception as error:
                    print("MAKER", maker.__module__, maker.__name__, person.name, relation, repr(error)[:200])
                await world.forgive()
    world.counter.clock
    number = (await Tramite.all().order_by("-sent_at").first()).number
    given = GIVEN | {"officeCode": f'"{OFFICE}"', "number": f'"{number}"'}
    out = {}
    with counted() as sent:
        for each in lists_of(build_schema(print_sdl()), given):
            worst, items = (0, "", []), 0
            for person in world.people.values():
                if person.role is None:
                    continue
                await person.api.http.post(
                    "/graphql", json={"query": each.document}, headers={"authorization": f"Bearer {person.api.token}"}
                )
                sent.clear()
                answer = (
                    await person.api.http.post(
                        "/graphql",
                        json={"query": each.document},
                        headers={"authorization": f"Bearer {person.api.token}"},
                    )
                ).json()
                if answer.get("errors"):
                    print("ERR", each.name, person.name, str(answer["errors"])[:300], each.document[:300])
                texts = reads_of(sent)
                if len(texts) > worst[0]:
                    worst = (len(texts), person.name, texts)
                items = max(items, _items(answer.get("data")))
            out[each.name] = (worst[0], worst[1], items)
            print(f"LIST {worst[0]:3} {items:4} {each.name:40} {worst[1]}")
            if worst[0] > 2:
                print(each.document)
                for t in worst[2]:
                    print("   >>", " ".join(t.split())[:170])


def _items(data) -> int:
    if isinstance(data, list):
        return len(data) and max([1, *(_items(e) for e in data)]) + 1 if data else 0
    if isinstance(data, dict):
        return max([0, *(_items(e) for e in data.values())])
    return 0
