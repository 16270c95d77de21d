"""Every list of the schema is read in one statement for each root, besides the one that tells who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from benchmarks.graphql_statements import GIVEN, MOST, ListAsked, counted, lists_of, reads_of
from mesadepartes.database import connected
from models.receipts import Receipt
from models.tramites import Tramite
from resolvers.terms import make_terms
from rules.reports import ReportGroup
from tests.api import in_process, make_feed
from tests.counter import Clock, Counter, make_tools
from tests.matrix import accounts, administration, desk, finding, mails, personal_data, staff, texts, tramites
from tests.matrix.table import OWN
from tests.matrix.world import OFFICE, World, owner_of
from tests.sdl import published_schema

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from actions.credentials import PasswordPool
    from tests.lasting_jail import LastingJail
    from tests.matrix.world import Person
    from tests.servers.postgres import DatabaseServer

OF_OFFICE = 1
"""The relation to a thing that came to the office of all these people."""

OF_ONESELF = (accounts.draft, accounts.session, finding.search)
OF_OTHERS = (
    accounts.recovery,
    accounts.claim,
    accounts.account_task,
    administration.policy,
    administration.service_token,
    administration.named,
    desk.noted,
    desk.owned,
    desk.template,
    mails.held,
    personal_data.changed,
    staff.member,
    staff.invitation,
    texts.worded,
    tramites.observed,
    tramites.sealed,
    tramites.task,
    tramites.annotated,
)
"""What makes a thing of each kind that lists show."""

TERMS = make_terms(points_per_minute=1_000_000_000, at_once=6, shows_schema=True)
"""Who pays is asked, as at a counter, of what anybody may ask too."""

WITHIN = ListAsked(
    "all that belongs to trámites",
    """{ tramites { edges { cursor node {
        allowedSteps permissions { correctTramite } signs { isLate foliosDoubt } sameFiles { numbers }
        office { hours { opensAt } } owner { fullName } notes { text author { fullName } } versions { number }
        attachments { fitness text { state } findings { code } pages } answerFiles { name } receipts { url }
        notices { label } datesExplained { filing { skipped { day } } } history(last: 5) { act text }
        } } pageInfo { endCursor } totalCount { count } } }""",
)

REPORTS = [
    ListAsked(
        f"a report by {group}",
        f'{{ report(from: "2026-01-01", to: "2026-12-31", groupBy: {group}) {{ lines {{ times {{ times }} }} }} }}'
        if group is not ReportGroup.DAY
        else '{ report(from: "2026-03-01", to: "2026-03-31", groupBy: DAY) { lines { times { times } } } }',
    )
    for group in ReportGroup
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    database_server: DatabaseServer,
    database_template: str,
    password_pool: PasswordPool,
    lasting_jail: LastingJail,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[World]:
    """Return a counter with somebody in each role, and a few things of every kind that there are lists of."""
    database = await database_server.new_database(database_template)
    folder, clock = tmp_path_factory.mktemp("lists"), Clock()
    tools = make_tools(folder, clock=clock, jail=lasting_jail, hasher=password_pool)
    owner = await owner_of(database)
    async with connected(database.web_url):
        counter = Counter(tools, clock)
        await counter.open()
        async with in_process(counter, make_feed(database), terms=TERMS) as stranger:
            world = World(counter, stranger, owner, folder / "staging")
            await world.open()
            await _fill(world)
            yield world
    await owner.close()
    await database_server.drop_database(database.name)


async def _fill(world: World) -> None:
    clerk, applicant = world.people["clerk"], world.people["applicant"]
    for make in OF_ONESELF:
        await world.thing(make, applicant, OWN, is_spent=True)
    for make in OF_OTHERS:
        await world.thing(make, clerk, OF_OFFICE, is_spent=True)
        await world.forgive()


@pytest.mark.asyncio(loop_scope="module")
async def test_no_list_takes_more_than_one_statement_for_each_root_and_one_for_who_asks(world: World) -> None:
    tramite = await Tramite.filter(status="PENDING").order_by("-sent_at").first()
    assert tramite is not None
    receipt = await Receipt.filter(log_index__isnull=False).first()
    assert receipt is not None
    given = GIVEN | {
        "officeCode": f'"{OFFICE}"',
        "number": f'"{tramite.number}"',
        "verificationCode": f'"{receipt.verification_code}"',
    }
    people = [person for person in world.people.values() if person.role]

    with counted() as sent:
        taken = {
            each.name: max([await _statements(each, person, sent) for person in people])
            for each in (*lists_of(published_schema(), given), WITHIN, *REPORTS)
        }

    assert not {name: count for name, count in taken.items() if count > MOST}


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_read_plainly_is_seen_to_take_more(world: World) -> None:
    """The count sees statements, and the world has rows for them: without plans the same takes many."""
    document = '{ tramites(filter: {inFiles: "hola"}) { edges { foundIn { page } node { notes { text } } } } }'

    with counted() as sent:
        assert await _statements(ListAsked("", document), world.people["clerk"], sent) > MOST


async def _statements(asked: ListAsked, person: Person, sent: list[str]) -> int:
    """Return how many statements are sent when all that a document needs to be known of it is known."""
    await person.api.data(asked.document)
    sent.clear()
    await person.api.data(asked.document)
    return len(reads_of(sent))
