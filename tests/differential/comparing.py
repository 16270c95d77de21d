"""Asks the same twice, plainly and by plans: answers and traces must be the same."""

from __future__ import annotations

import random
from collections import Counter as Tally
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphql import GraphQLSchema, OperationDefinitionNode, parse
from tortoise.connection import get_connections

from resolvers.context import Context
from resolvers.engine.errors import RequestError
from resolvers.engine.execution import QUERIES, Asked, Execution
from resolvers.engine.plans.planning import Plans
from resolvers.planned import PLANNING, ROOTS
from resolvers.refusing import ERRORS
from resolvers.root import build_schema
from resolvers.terms import make_terms
from tests.differential.documents import Chances, Writer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.counter import Counter
    from tests.differential.world import World

TRACES = "SELECT sequence, record FROM read_entries WHERE sequence > $1 ORDER BY sequence"
PLACES = """query($order: TramiteOrder, $last: Int) {
    tramites(order: $order, last: $last) { edges { cursor } } inbox { edges { cursor } }
    tasks(first: 9) { edges { cursor } } mails(first: 9) { edges { cursor } } staff(first: 9) { edges { cursor } }
    templates(first: 9) { edges { cursor } } }"""
NOT_PLANNED = frozenset[str]()
"""Fields that are read plainly so far."""


@dataclass
class Compared:
    """What came of it."""

    outcomes: Tally[str] = field(default_factory=Tally[str])
    different: list[tuple[str, Asked, bytes, bytes]] = field(default_factory=list[tuple[str, Asked, bytes, bytes]])

    @property
    def planned(self) -> float:
        """The share of documents without errors that were answered by plans."""
        whole = self.outcomes["planned"] + self.outcomes["plain"]
        return self.outcomes["planned"] / whole if whole else 0.0


class Comparison:
    """Asks by chance, always the same by the same seed."""

    def __init__(
        self, counter: Counter, world: World, *, planning: Any = PLANNING, roots: Sequence[str] = (*ROOTS, "tramites")
    ) -> None:
        self._roots = roots
        schema = build_schema()
        self._counter, self._world = counter, world
        self._schema: GraphQLSchema = schema._schema  # pyright: ignore[reportPrivateUsage]
        terms = make_terms(shows_schema=True)
        terms = replace(terms, most_cost=10**9)  # what is dear is asked for here on purpose
        self._plain = Execution(schema, ERRORS, terms=terms)
        self._compiled = Execution(schema, ERRORS, terms=terms, plans=Plans(schema, planning))
        self._trace = 0
        # What was found in order once need not be found so again.
        self._plain._documents = self._compiled._documents  # pyright: ignore[reportPrivateUsage]

    async def run(self, count: int, *, seed: int) -> Compared:
        """Ask so many documents, or as many as it takes to find a difference."""
        chance, compared = random.Random(seed), Compared()
        chances = await self._chances()
        await self._traces()
        for _ in range(count):
            who = chance.choice(list(self._world.tokens))
            await self._compare(who, Writer(chances, chance).asked(), compared)
            if compared.different:
                break
        return compared

    async def _compare(self, who: str, asked: Asked, compared: Compared) -> None:
        with suppress(RequestError):
            self._compiled.prepare(asked)
        plain = await self._plain.answer(asked, self._context(who), kinds=QUERIES)
        traces = await self._traces()
        compiled = await self._compiled.answer(asked, self._context(who), kinds=QUERIES)
        # Plainly all roots are read at once, so that of several one that fails may leave others untold, or not.
        may_differ = plain.code is not None and _roots_of(asked) > 1
        are_alike = traces == await self._traces() or may_differ
        if plain.body != compiled.body or not are_alike:
            compared.different.append((who, asked, plain.body, compiled.body))
        compared.outcomes["traced"] += bool(traces)
        compared.outcomes[plain.code or ("planned" if compiled.is_planned else "plain")] += 1
        assert compiled.is_planned is False or plain.code is None, (who, asked, plain.body, compiled.body)

    def _context(self, who: str) -> Context:
        token = self._world.tokens[who]
        return Context(self._counter.tools, f"Bearer {token}" if token else None)

    async def _traces(self) -> list[str]:
        """Return what was noted since, in no order: roots are read at once, plainly."""
        rows = await get_connections().get("default").execute_query_dict(TRACES, [self._trace])
        self._trace = rows[-1]["sequence"] if rows else self._trace
        return sorted(row["record"] for row in rows)

    async def _chances(self) -> Chances:
        cursors = [cursor for who in self._world.tokens for cursor in await self._cursors(who)]
        numbers = self._world.numbers
        return Chances(
            self._schema,
            roots=self._roots,
            others=["me { role }", "offices { code }"],
            seldom=NOT_PLANNED,
            values={
                "first": [1, 2, 3, 5, 20, 100, 100, 0, 101, -1],
                "last": [1, 2, 3, 5, 20, 100, 100, 0, 101],
                "after": [*cursors, "", "nada"],
                "before": [*cursors, "nada"],
                "number": [*numbers, numbers[0].lower().replace("-", ""), "MPD-2026", "nada"],
                "savedSearch": ["2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81", None, None, None],
                "code": ["SEDE-CENTRAL", "CUSCO", "NADA"],
                "mailboxId": ["2f1c1f0e-6b1e-4b0e-9c50-0d2a3f6a7b81", "nada"],
                "day": ["2026-03-02", "2026-03-09", "2026-02-30"],
                "officeCode": ["SEDE-CENTRAL", "CUSCO", "NADA", ""],
                "officeCodes": ["SEDE-CENTRAL", "CUSCO", "NADA"],
                "organizationRuc": ["20131312955", "20131312956"],
                "text": ["copia", "solicito expe", "ñandú", "''"],
                "name": ["quispe", "maría"],
                "inFiles": ["made"],
                "identityNumber": ["70000001", "80000001", "x"],
                **{name: ["2025-01-01", "2026-03-09", "2026-02-30"] for name in DAYS},
            },
        )

    async def _cursors(self, who: str) -> list[str]:
        import json

        found = list[str]()
        for order in ("SENT_LATEST_FIRST", "SENT_EARLIEST_FIRST", "FILED_LATEST_FIRST", "DEADLINE_SOONEST_FIRST"):
            asked = Asked(PLACES, variables={"order": order, "last": 4})
            answer = json.loads((await self._plain.answer(asked, self._context(who), kinds=QUERIES)).body)
            for page in (answer.get("data") or {}).values():
                found += [edge["cursor"] for edge in page["edges"][::3]]
        return found


def _roots_of(asked: Asked) -> int:
    [operation, *_] = parse(asked.query or "").definitions
    return len(operation.selection_set.selections) if isinstance(operation, OperationDefinitionNode) else 0


DAYS = ("sentFrom", "sentTo", "filedFrom", "filedTo", "dueFrom", "dueTo")
