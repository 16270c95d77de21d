"""Each limit is needed: with it taken out, a document gets through that costs too much, or tries too much."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from graphql import get_named_type, is_leaf_type

from resolvers.costs import COSTS
from resolvers.engine.costs import SchemaCosts
from resolvers.engine.errors import RequestError
from resolvers.engine.execution import QUERIES, Asked, Execution
from resolvers.engine.limits import LIMITS, MOST_COST
from resolvers.engine.scanning import TEXT_LIMITS
from resolvers.engine.terms import Terms
from resolvers.refusing import ERRORS
from resolvers.root import build_schema
from tests.hostile_documents import HAZARDS, TAKES_VARIABLES

ANY = 10**9
SLOW_MS = 30.0


@cache
def execution(limit: str | None = None) -> Execution:
    """Return one with the API's terms, but for one limit."""
    terms = Terms(costs=COSTS, shows_schema=False)
    if limit in TEXT_LIMITS.__dataclass_fields__:
        terms = replace(terms, text=replace(TEXT_LIMITS, **{limit: ANY}))
    elif limit is not None:
        terms = replace(terms, limits=replace(LIMITS, **{limit: ANY}))
    return Execution(build_schema(), ERRORS, terms=terms)


def refusal_of(asked: Execution, text: str, variables: dict[str, Any] | None = None) -> str | None:
    try:
        asked.prepare(Asked(text, variables=variables))
    except RequestError as error:
        return error.errors[0].message
    return None


def milliseconds(asked: Execution, text: str) -> float:
    """Return what a document costs that is not known yet: the best of three tries, the others met other work."""
    best = 10_000.0
    for number in range(3):
        began = time.thread_time()
        refusal_of(asked, " " * number + text)
        best = min(best, (time.thread_time() - began) * 1_000)
    return best


CHAIN = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(14))
DEAR = {
    "tokens": HAZARDS["fields that are not"](),
    "characters": HAZARDS["a string of lines"](),
    "fragments": f"{{ ...F0 }} {CHAIN}",
    "overlaps": HAZARDS["one field, as often as tokens allow"](),
}


@pytest.mark.parametrize("limit", DEAR)
def test_without_it_a_document_costs_too_much(limit: str) -> None:
    document, weak = DEAR[limit], execution(limit)

    assert "exceeds the limit" in (refusal_of(execution(), document) or "")
    assert milliseconds(execution(), document) < SLOW_MS
    assert milliseconds(weak, document) > SLOW_MS / 2, "which is far more than the document with the limit costs"


def wide_document() -> str:
    """Return one that asks for much of a trámite, ten times."""
    kinds: Any = build_schema()._schema.type_map  # pyright: ignore[reportPrivateUsage]
    parts = list[str]()
    for name, field in kinds["Tramite"].fields.items():
        below = getattr(get_named_type(field.type), "fields", {})
        leaves = " ".join(each for each, inner in below.items() if is_leaf_type(get_named_type(inner.type)))
        parts.append(f"{name} {{ {leaves} }}" if leaves else name)
    roots = " ".join(f'a{n}: tramite(number: "{n}") {{ ...F }}' for n in range(10))
    return f"{{ {roots} }} fragment F on Tramite {{ {' '.join(parts)} }}"


SIGN_IN = 'signIn(input: {identityKind: DNI, identityNumber: "10000001", password: "a"}) { __typename }'
LETS_THROUGH = {
    "blanks": "{ me { id } }" + "\n" * 30_100,
    "arguments": f"{{ tramites(filter: {{ statuses: [{'PENDING ' * 450}] }}) {{ totalCount {{ count }} }} }}",
    "nesting": f"{{ tramites(filter: {{ statuses: {'[' * 60}PENDING{']' * 60} }}) {{ totalCount {{ count }} }} }}",
    "depth": "{ __schema { types {" + "ofType {" * 16 + "name" + "}" * 16 + "} } }",
    "fields": wide_document(),
    "aliases": "{ me { " + " ".join(f"a{n}: id" for n in range(31)) + " } }",
    "directives": "{ me { " + "id @skip(if: true) " * 21 + "} }",
    "roots": "{ " + "me { id } " * 11 + "}",
    "operations": " ".join(f"query Q{n} {{ me {{ id }} }}" for n in range(21)),
    "attempts": f"mutation {{ a: {SIGN_IN} b: {SIGN_IN} }}",
}


@pytest.mark.parametrize("limit", LETS_THROUGH)
def test_without_it_a_document_that_asks_for_too_much_gets_through(limit: str) -> None:
    document = LETS_THROUGH[limit]

    assert "exceeds the limit" in (refusal_of(execution(), document) or "")
    assert "exceeds the limit" not in (refusal_of(execution(limit), document) or "")


def test_without_it_more_values_than_anybody_needs_get_through() -> None:
    variables = {"filter": {"statuses": ["PENDING"] * 5_000}}

    assert "exceeds the limit" in (refusal_of(execution(), TAKES_VARIABLES, variables) or "")
    assert "exceeds the limit" not in (refusal_of(execution("values"), TAKES_VARIABLES, variables) or "")


LIMITERS = """
import strawberry
from strawberry.extensions import MaxAliasesLimiter, QueryDepthLimiter

@strawberry.type
class Query:
    me: str = ""

extensions = [lambda: QueryDepthLimiter(max_depth=8), lambda: MaxAliasesLimiter(max_alias_count=15)]
chain = " ".join(f"fragment F{n} on Query { '{' } ...F{n + 1} ...F{n + 1} { '}' }" for n in range(40))
strawberry.Schema(Query, extensions=extensions).execute_sync("{ ...F0 } " + chain + " fragment F40 on Query { me }")
"""


def test_the_limiters_of_the_library_would_not_come_to_an_end() -> None:
    """They are why the limits are our own: 2 KB of fragments, and each further line doubles the time."""
    document = HAZARDS["fragments that double"]()

    assert milliseconds(execution(), document) < SLOW_MS
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([sys.executable, "-c", LIMITERS], timeout=5, check=True, capture_output=True)


def test_what_is_followed_costs_what_a_page_of_it_does() -> None:
    fields = "sequence cursor at act fromStatus toStatus actorRole text"
    histories = " ".join(f"a{n}: history(last: 100) {{ {fields} }}" for n in range(20))
    document = f"subscription {{ statusChanges(fromStart: true) {{ change {{ tramite {{ {histories} }} }} }} }}"
    terms = Terms(costs=COSTS)

    points = execution().prepare(Asked(document)).cost.at({})

    assert points > 100 * 20 * 100 * 8
    assert points > terms.most_cost


@pytest.mark.parametrize(("statuses", "is_refused"), [(280, False), (290, True)])
async def test_a_document_that_is_followed_is_short_because_it_stays(statuses: int, *, is_refused: bool) -> None:
    text = f"subscription {{ statusChanges(filter: {{ statuses: [{'PENDING ' * statuses}] }}) {{ cursor }} }}"

    with pytest.raises(RequestError) as refused:
        await execution().source(Asked(text), None)

    assert ("tokens in a subscription" in refused.value.errors[0].message) is is_refused


def test_every_list_of_objects_says_how_long_it_may_be() -> None:
    assert SchemaCosts(build_schema()._schema, COSTS).unknown_lengths() == []  # pyright: ignore[reportPrivateUsage]


def test_the_table_of_costs_names_nothing_that_is_not() -> None:
    fields = {
        f"{kind.name}.{name}"
        for kind in build_schema()._schema.type_map.values()  # pyright: ignore[reportPrivateUsage]
        for name in getattr(kind, "fields", {})
    }

    assert {*COSTS.lists, *COSTS.pages, *COSTS.own, *COSTS.attempts} - fields == set()


HONEST = {
    "a page of a hundred": """{ tramites(first: 100) { pageInfo { hasNextPage endCursor } totalCount { count isExact }
        edges { node { id number subject status filedOn documentKind senderName office { code name }
            history(last: 5) { sequence at act } attachments { id name sizeBytes } } } } }""",
    "a trámite with everything": """query($number: String!) { tramite(number: $number) { number status senderName
        office { code name } history(last: 100) { sequence at act text } notices(last: 100) { kind state label }
        attachments { id name sizeBytes pages url findings { code message } } versions { number at act }
        receipts { id kind url } answerFiles { id name url } permissions { correctTramite } } }""",
    "the acts of a hundred": "{ tramites(first: 100) { edges { node { number history(last: 100) { at act } } } } }",
    "all of administration": """{ administration { officesVersion calendarVersion policyVersion
        offices { code name position version isOpenForFiling retiredAt opensAt closesAt
            hoursChanges { fromOn opensAt closesAt } }
        filingPolicies { fromOn policy } policy { draftDays files { annexKinds maxAnnexes } } } }""",
    "the staff": "{ staff(first: 100) { edges { node { userId fullName role offices { code name } } } } }",
}
"""The most that front ends and reporting tools ask for at once."""


@pytest.mark.parametrize("document", HONEST.values(), ids=HONEST)
def test_what_is_needed_at_once_may_be_asked_for_at_once(document: str) -> None:
    shown = Execution(build_schema(), ERRORS, terms=Terms(costs=COSTS))

    assert shown.prepare(Asked(document)).cost.most <= MOST_COST


HIDDEN = (
    "{ mi { id } }",
    "{ me { nombre } }",
    "{ me }",
    "{ tramites(frist: 1) { edges { cursor } } }",
    "{ tramite { id } }",
)


@pytest.mark.parametrize("document", HIDDEN)
def test_a_stranger_learns_no_name_of_the_schema_from_what_is_not_valid(document: str) -> None:
    hidden, shown = execution(), Execution(build_schema(), ERRORS, terms=Terms(costs=COSTS))

    with pytest.raises(RequestError) as refused:
        hidden.prepare(Asked(document))

    assert {each.message for each in refused.value.errors} == {
        "The document is not valid for this API, which /api describes."
    }
    assert refused.value.errors[0].locations
    assert "valid for this API" not in (refusal_of(shown, document) or "")


async def test_where_the_schema_is_shown_the_right_name_is_suggested() -> None:
    """Also of an enum's values, which are judged with the variables."""
    shown = Execution(build_schema(), ERRORS, terms=Terms(costs=COSTS))
    by_kind = "query($kind: Channel!) { tramites(filter: {channel: $kind}) { edges { cursor } } }"
    misspelt = Asked(by_kind, variables={"kind": "WEBB"})

    answer = await shown.answer(misspelt, None, kinds=QUERIES)

    assert "Did you mean 'tramite', 'tramites'" in (refusal_of(shown, "{ tramits { edges { cursor } } }") or "")
    assert b"Did you mean the enum value" in answer.body
