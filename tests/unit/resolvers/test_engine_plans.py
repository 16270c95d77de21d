"""Plans are kept within bounds, however many documents and kinds of viewers there are."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

from graphql import OperationDefinitionNode, parse

from resolvers.engine.plans.planning import Plans, Readable
from resolvers.planned import PLANNING
from resolvers.root import build_schema
from rules.access import Role

MOST_TOKENS = 400
CLERK: Any = SimpleNamespace(viewer=SimpleNamespace(role=Role.CLERK))
FIELDS = "id @include(if: $a) number @include(if: $b) subject @include(if: $c)"


def readable(plans: Plans, alias: str) -> Readable:
    text = (
        f"query($a: Boolean!, $b: Boolean!, $c: Boolean!) {{ {alias}: tramites {{ edges {{ node {{ {FIELDS} }} }} }} }}"
    )
    document = parse(text)
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    found = plans.readable(document, operation)
    assert found is not None
    return found


def test_of_many_plans_the_oldest_are_forgotten_and_the_newest_stay() -> None:
    plans = Plans(build_schema(), PLANNING, most_tokens=MOST_TOKENS)
    asked = [readable(plans, f"a{number}") for number in range(4)]

    for each in asked:
        for values in product((True, False), repeat=3):
            made = plans._plans(each, CLERK, dict(zip("abc", values, strict=True)))  # pyright: ignore[reportPrivateUsage]
            assert made is not None

    kept = [sum(key[0] is each for key in plans._kept) for each in asked]  # pyright: ignore[reportPrivateUsage]
    assert kept[:2] == [0, 0]
    assert kept[-1] > 0
    assert sum(kept) * asked[0].tokens <= MOST_TOKENS
