"""Asks the same twice, plainly and by plans: answers and traces must be the same."""

from __future__ import annotations

import random
from collections import Counter as Tally
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError, parse

from actions.leases import Lease
from resolvers.context import Context
from resolvers.engine.errors import RequestError
from resolvers.engine.execution import QUERIES, Asked, Execution
from resolvers.engine.judging import Judge, Judged
from resolvers.engine.limits import measure
from resolvers.engine.plans.planning import Plans
from resolvers.planned import PLANNING, ROOTS
from resolvers.refusing import ERRORS
from resolvers.root import build_schema
from resolvers.terms import make_terms
from tests.differential.documents import ODD, Chances, Writer
from tests.differential.reached import Reached

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import GraphQLSchema
    from strawberry import Schema

    from resolvers.engine.execution import Answer
    from tests.counter import Counter
    from tests.differential.world import World

TRACES = "SELECT sequence, record FROM read_entries WHERE sequence > $1 ORDER BY sequence"
OFTEN = (*ROOTS, "tramites", "tramites", "tramites", "tramite", "tramite")
"""Roots, each as often as is worth while: below a trámite there is most to be asked for."""

PATIENCE_SECONDS = 300
"""What takes long because others have the processor is not given up: that would be a difference."""

LOOKED_AT = 200
"""Of so many documents that are taken to be valid, one is validated."""


@cache
def the_schema() -> Schema:
    """Return the schema, built once."""
    return build_schema()


def graphql_schema() -> GraphQLSchema:
    """Return the same as graphql-core knows it."""
    return the_schema()._schema  # pyright: ignore[reportPrivateUsage]


@dataclass
class Compared:
    """What came of it."""

    reached: Reached = field(default_factory=Reached)
    different: list[tuple[str, Asked, bytes, bytes]] = field(default_factory=list[tuple[str, Asked, bytes, bytes]])


class _Trusting(Judge):
    """
    Takes documents to be valid, which takes longer to find than to answer one; odd ones are judged.

    Which documents are valid is found before it is known how they are answered, so there is nothing to compare.
    """

    _taken = 0

    def judge(self, text: str, *, is_trusted: bool = False) -> Judged:
        self._taken += 1
        if ODD in text:
            return super().judge(text, is_trusted=is_trusted)
        if self._taken % LOOKED_AT == 0:
            self.check(text)
        document = parse(text, max_tokens=self._terms.text.tokens)
        costs = measure(document, self._costs, self._terms.limits)
        if isinstance(costs, GraphQLError):
            raise RequestError(costs)
        return Judged(document, costs)

    def check(self, text: str) -> None:
        """See that what was taken to be valid is."""
        try:
            super().judge(text)
        except RequestError as error:
            raise AssertionError([each.message for each in error.errors], text) from error


class Comparison:
    """Asks by chance, always the same by the same seed."""

    def __init__(
        self, counter: Counter, world: World, *, planning: Any = PLANNING, roots: Sequence[str] = OFTEN
    ) -> None:
        schema = the_schema()
        self._counter, self._world = counter, world
        self._roots = roots
        terms = make_terms(shows_schema=True, seconds=PATIENCE_SECONDS)
        terms = replace(terms, most_cost=10**9)  # what is dear is asked for here on purpose
        self._plain = Execution(schema, ERRORS, terms=terms)
        self._compiled = Execution(schema, ERRORS, terms=terms, plans=Plans(schema, planning))
        self._trace = 0
        rules = self._plain._judge._rules  # pyright: ignore[reportPrivateUsage]
        self._judge = _Trusting(graphql_schema(), rules, terms)
        # What was found in order once need not be found so again.
        self._plain._judge = self._compiled._judge = self._judge  # pyright: ignore[reportPrivateUsage]
        self._plain._documents = self._compiled._documents  # pyright: ignore[reportPrivateUsage]

    async def run(self, count: int, *, seed: int, seen: Mapping[str, int] | None = None) -> Compared:
        """Ask so many documents, or as many as it takes to find a difference; what was *seen* seldom, more often."""
        chance, compared = random.Random(seed), Compared()
        others, asked = ["me { role }", "offices { code }"], Tally(seen or {})
        chances = Chances(graphql_schema(), self._roots, others, self._world.values, asked)
        await self._traces()
        for _ in range(count):
            who = chance.choice(self._world.viewers)
            await self._compare(who, Writer(chances, chance), compared)
            if compared.different:
                break
        return compared

    async def _compare(self, who: str, writer: Writer, compared: Compared) -> None:
        asked = writer.asked()
        with suppress(RequestError):
            self._compiled.prepare(asked)
        plain = await self._plain.answer(asked, self._context(who), kinds=QUERIES)
        traces = await self._traces()
        compiled = await self._compiled.answer(asked, self._context(who), kinds=QUERIES)
        # Plainly all roots are read at once, so that of several one that fails may leave others untold, or not.
        may_differ = plain.code is not None and _has_several_roots(plain)
        are_alike = traces == await self._traces() or may_differ
        if plain.body != compiled.body or not are_alike or (compiled.is_planned and plain.code is not None):
            compared.different.append((who, asked, plain.body, compiled.body))
            self._judge.check(asked.query or "")
        compared.reached.outcomes["traced"] += bool(traces)
        _note(compared.reached, who, writer, compiled)

    def _context(self, who: str) -> Context:
        token = self._world.tokens[who]
        return Context(self._counter.tools, f"Bearer {token}" if token else None)

    async def _traces(self) -> list[str]:
        """Return what was noted since, in no order: roots are read at once, plainly."""
        lease = Lease()
        rows = await lease.fetch(TRACES, self._trace)
        await lease.give_back()
        self._trace = rows[-1]["sequence"] if rows else self._trace
        return sorted(row["record"] for row in rows)


def _note(reached: Reached, who: str, writer: Writer, answer: Answer) -> None:
    reached.outcomes[answer.code or ("planned" if answer.is_planned else "plain")] += 1
    reached.viewers[who] += 1
    if answer.code is not None:
        reached.refused[f"{who}: {answer.code}"] += 1
    elif answer.is_planned:
        reached.note_planned(who, writer, orjson.loads(answer.body)["data"])


def _has_several_roots(answer: Answer) -> bool:
    return answer.prepared is not None and len(answer.prepared.operation.selection_set.selections) > 1
