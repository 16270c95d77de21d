"""What is read by plans is what is read plainly, to the byte, and leaves the same traces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from resolvers.engine.plans.roots import Part, Source
from resolvers.planned import PLANNING, ROOTS
from rules.access import Role
from tests.differential.comparing import Comparison, graphql_schema
from tests.differential.reached import Reached, reachable
from tests.differential.world import make_world

if TYPE_CHECKING:
    from resolvers.engine.plans.planning import Planning
    from tests.api import Api
    from tests.counter import Counter
    from tests.differential.world import World
    from tests.servers.postgres import Database, DatabaseServer

TRAMITES = ("tramites", "tramite", "inbox")
DOCUMENTS = 2_000
MORE, ROUNDS = 100, 20
"""So many more are asked, and so often again, if those by chance left out something that must be compared."""

SHARE = 0.9
"""How many of those that meet no error must be read by plans: most of the others leave out what has arguments."""

UNSEEN = {
    "Task.closedAt": "tasks are listed while they are open",
    "Task.note": "tasks are listed while they are open",
    **dict.fromkeys(
        ("TramiteEdge.foundIn", "FoundInFile.file", "FoundInFile.page", "FoundInFile.isRecognized",
         "FoundInFile.snippet", "SnippetPart.text", "SnippetPart.isMatch"),
        "where words stand in files is read plainly",
    ),
}  # fmt: skip
"""What no plan shows, and why."""

ROLES = ("applicant", "clerk", "supervisor", "auditor", "administrator")
REFUSED = {
    "stranger: NOT_SIGNED_IN",
    "false program: SERVICE_TOKEN_NOT_GOOD",
    "program: OUT_OF_SCOPE",
    "small program: OUT_OF_SCOPE",
    *(f"{who}: {code}" for who in ROLES for code in ("PAGE_SIZE", "UNKNOWN_CURSOR")),
}
"""Who must meet which refusals."""

CODES = {
    "PAGE_FROM_BOTH_ENDS", "SEARCH_NOT_FOUND", "NO_SUCH_DAY", "INVALID_NUMBER", "FILTER_TWICE", "INVALID_RUC",
    "GRAPHQL_VALIDATION_FAILED",
}  # fmt: skip
"""Which refusals somebody must meet besides."""

ENOUGH = 400
"""So many documents about trámites show what is wrong with a plan; most wrong ones are seen by a few dozen."""

Change: TypeAlias = Callable[[Source], Source]


def changed(name: str, change: Change) -> Planning:
    """Return plans in which what one root field reads is changed."""

    async def source(look: Any) -> Source:
        found = ROOTS[name].source(look)
        return change(found if isinstance(found, Source) else await found)

    return replace(PLANNING, roots={**ROOTS, name: replace(ROOTS[name], source=source)})


def known(name: str, value: object) -> Planning:
    """Return plans that know something else of who looks."""

    def told(_scene: Any) -> object:
        return value

    return replace(PLANNING, known={**PLANNING.known, name: told})


def one_too_few(source: Source) -> Source:
    """Return a page without its last row."""

    def cut(rows: Sequence[Any]) -> Part:
        return source.cut(rows[:-1])

    return replace(source, cut=cut)


def _supervisor(_scene: Any) -> Role:
    return Role.SUPERVISOR


WRONG = {
    "offices are forgotten": known("offices", []),
    "another address": known("public_url", "https://otra.example"),
    "everybody is a supervisor": replace(PLANNING, variant=_supervisor),
    "no trace of a list": changed("tramites", lambda source: replace(source, note=None)),
    "no trace of one": changed("tramite", lambda source: replace(source, note=None)),
    "another order": changed("tramites", lambda source: replace(source, order="ORDER BY r.number")),
    "a row too few": changed("inbox", one_too_few),
}
"""Plans that the comparison must see to be wrong."""


@pytest.mark.timeout(600)
async def test_documents_of_any_kind_are_answered_alike_either_way(
    api: Api, counter: Counter, database: Database, database_server: DatabaseServer
) -> None:
    world = await make_world(api, counter, database, database_server.superuser_url(database.name))
    comparison, reached = Comparison(counter, world), Reached()

    for round_ in range(1 + ROUNDS):
        compared = await comparison.run(MORE if round_ else DOCUMENTS, seed=round_, seen=reached.seen)
        assert compared.different == []
        reached.add(compared.reached)
        if not _missing(reached, world):
            break

    assert _missing(reached, world) == set()
    assert reached.planned > SHARE
    for name, wrong in WRONG.items():
        told = await Comparison(counter, world, planning=wrong, roots=TRAMITES).run(ENOUGH, seed=7)
        assert told.different, name


def _missing(reached: Reached, world: World) -> set[str]:
    """Return what was not compared yet: who asks, for what, and who is refused."""
    return {
        *world.tokens.keys() - reached.viewers.keys(),
        *reachable(graphql_schema()) - reached.seen.keys() - UNSEEN.keys(),
        *{f"{who}: {root}" for who in ROLES for root in ROOTS} - reached.roots.keys(),
        *REFUSED - reached.refused.keys(),
        *CODES - reached.outcomes.keys(),
    }


@pytest.mark.parametrize("first", [{}, {"all": False}], ids=["left-out-before", "given-before"])
async def test_null_for_what_must_not_be_null_is_an_error_by_plans_too(
    api: Api, counter: Counter, first: dict[str, bool]
) -> None:
    maria = await api.signed_in(counter)
    await counter.file(maria.viewer)
    document = "query($all: Boolean) { tramites { edges { node { attachments(allVersions: $all) { version } } } } }"

    [node] = [edge["node"] for edge in (await maria.data(document, **first))["tramites"]["edges"]]
    told = await maria.answer(document, all=None)

    assert node == {"attachments": [{"version": 1}]}
    assert (told["data"], told["errors"][0]["path"][-1]) == (None, "attachments")
