"""Documents are measured as they would be expanded, in a walk that ends at the first limit it meets."""

from __future__ import annotations

import pytest
from graphql import GraphQLError, build_schema, get_introspection_query, parse

from resolvers.engine.costs import Cost, CostTable, SchemaCosts
from resolvers.engine.limits import LIMITS, Limits, measure

SCHEMA = build_schema("""
type Query { a: T  b: T  c: T  d: T  key(code: String): T  ts(ids: [ID!]!): [T!]!
    people(first: Int = 20, last: Int, like: Like): PeopleConnection }
input Like { words: String  kind: String }
type Mutation { signIn(password: String): T  add: T }
type T { a: T  b: T  c: T  d: T  e: T  f: T  g: T  ts: [T!]!  few(last: Int! = 5): [T!]!  names: [String!]!  dear: T }
type PeopleConnection { total: T  edges: [Edge!]!  nodes: [T!]! }
type Edge { node: T }
""")
COSTS = SchemaCosts(
    SCHEMA,
    CostTable(
        lists={"T.ts": 10},
        counted={"Query.ts": "ids"},
        pages={"Query.people": 50},
        own={"T.dear": 100},
        given={"Query.people.like.words": 70},
        attempts=frozenset({"Mutation.signIn", "Query.key"}),
    ),
)
FEW = Limits(depth=3, fields=6, aliases=1, fragments=2, directives=1, roots=2, operations=2, overlaps=3)


def excess_of(document: str, limits: Limits = FEW) -> str | None:
    found = measure(parse(document), COSTS, limits)
    return found.message if isinstance(found, GraphQLError) else None


def cost_of(document: str) -> Cost:
    found = measure(parse(document), COSTS)
    assert not isinstance(found, GraphQLError), found
    return next(iter(found.values()))


ONE_SECRET = "1 field that tries a secret, for each operation"


@pytest.mark.parametrize(
    ("document", "excess"),
    [
        ("{ a { b { c } } }", None),
        ("{ a { b { c { d } } } }", "3 levels of depth"),
        ("{ a { b c d e f } }", None),
        ("{ a { b c d e f g } }", "6 fields"),
        ("{ x: a y: b }", "1 aliases"),
        ("{ a { ...F ...F } } fragment F on T { b c }", None),
        ("{ a { ...F ...F } } fragment F on T { b c d }", "6 fields"),
        ("{ a { ...F } b { ...F ...F } } fragment F on T { c }", "2 fragments"),
        ("{ a @x b @y }", "1 directives"),
        ("query @x { a @y }", "1 directives"),
        ("{ a b c }", "2 roots"),
        ("{ ...F c } fragment F on Query { a b }", "2 roots"),
        ("{ ... { a b } ... { c } }", "2 roots"),
        ("{ a { b b b } }", None),
        ("{ a { b b b b } }", "3 pairs of equal fields"),
        ("{ ... { a { b } } a { b } }", None),
        ("{ a { b } } fragment F on T { b b b b }", "3 pairs of equal fields"),
        ("{ a { b } } fragment F on T { ...G } fragment G on T { ...H } fragment H on T { b }", "2 fragments"),
        ("{ ...F } fragment F on T { a ...F }", None),
        ("{ ...F } fragment F on Query { a { ...G } } fragment G on T { a { ...G } }", "2 fragments"),
        ("{ a { ...Nowhere } }", None),
        ("query A { a } query B { a b c }", "2 roots"),
        ("query A { a } query B { a } query C { a }", "2 operations"),
        ("{ nothing { that { is } } }", None),
        ("mutation { signIn add }", None),
        ("mutation { signIn signIn }", ONE_SECRET),
        ('{ ... { key(code: "a") } ...F } fragment F on Query { key(code: "b") }', ONE_SECRET),
    ],
)
def test_each_limit_is_held(document: str, excess: str | None) -> None:
    assert excess_of(document) == (excess and f"The document exceeds the limit of {excess}.")


def test_fragments_that_double_each_other_are_counted_not_expanded() -> None:
    chain = " ".join(f"fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))

    assert excess_of(f"{{ ...F0 }} {chain} fragment F200 on T {{ a }}", LIMITS) is not None


def test_the_standard_introspection_is_within_the_limits() -> None:
    assert cost_of(get_introspection_query()).most < 2_000


@pytest.mark.parametrize(
    ("document", "points"),
    [
        ("{ a }", 1),
        ("{ a { b c { d } } }", 4),
        ("{ a { names } }", 2),
        ("{ a { ts { b c } } }", 1 + 1 + 10 * 2),
        ("{ a { ts { ts { b } } } }", 1 + 1 + 10 + 10 * 10),
        ("{ a { few { b } } }", 1 + 1 + 5),
        ("{ a { few(last: 7) { b } } }", 1 + 1 + 7),
        ("{ a { few(last: 99999999999999999999) { b } } }", 1 + 1 + 100),
        ("{ a { dear } }", 1 + 100),
        ("{ people { edges { node { b } } } }", 1 + 1 + 20 + 20),
        ("{ people(first: 3) { total { b } edges { node { b } } } }", 1 + 1 + 1 + 1 + 3 + 3),
        ("{ people(last: 3) { nodes { b ts { c } } } }", 1 + 1 + 3 + 3 + 30),
        ("{ people(first: 300) { nodes { b } } }", 1 + 1 + 50),
        ("{ people(first: 3) { ...F } } fragment F on PeopleConnection { nodes { b } }", 1 + 1 + 3),
        ("{ ts(ids: [1, 2, 3]) { a b } }", 1 + 2 * 3),
        ("{ a { b } a { b c } }", 3),
        ("{ a { b } x: a { b } }", 4),
    ],
)
def test_a_list_counts_as_often_as_it_may_be_long(document: str, points: int) -> None:
    assert (cost_of(document).at(None), cost_of(document).most) == (points, points)


def test_what_variables_say_counts_at_their_values_and_at_most_without() -> None:
    cost = cost_of("""query Q($n: Int = 4, $m: Int, $l: Int!) {
        people(first: $n, last: $m) { nodes { few(last: $l) { b } } } }""")

    assert cost.at({"l": 2}) == 1 + 1 + 4 + 4 * 2
    assert cost.at({"l": 2, "n": 30}) == 1 + 1 + 30 + 30 * 2
    assert cost.at({"l": 2, "n": None, "m": 6}) == 1 + 1 + 6 + 6 * 2
    assert cost.at({"l": 2, "n": None}) == 1 + 1 + 20 + 20 * 2
    assert cost.at({"l": "2"}) == 1 + 1 + 4 + 4 * 100
    assert cost.at({"l": 10**9, "n": 10**9}) == cost.most == 1 + 1 + 50 + 50 * 100


@pytest.mark.parametrize(
    ("given", "variables", "points"),
    [
        ('like: {kind: "x"}', {}, 0),
        ('like: {words: "x"}', {}, 70),
        ("like: {words: null}", {}, 0),
        ("like: null", {}, 0),
        ("like: {words: $w}", {"w": "x"}, 70),
        ("like: {words: $w}", {}, 0),
        ("like: {words: $d}", {}, 70),
        ("like: $l", {"l": {"words": "x"}}, 70),
        ("like: $l", {"l": {"words": None, "kind": "x"}}, 0),
        ("like: $l", {"l": "none at all"}, 0),
        ("like: $l", {}, 0),
    ],
)
def test_what_a_field_is_given_is_paid_for(given: str, variables: dict[str, object], points: int) -> None:
    cost = cost_of(f'query Q($w: String, $d: String = "x", $l: Like) {{ people({given}) {{ total {{ a }} }} }}')

    assert cost.at(variables) == 3 + points
    assert cost.most >= cost.at(variables)


def test_a_list_is_as_long_as_what_is_named_for_it() -> None:
    cost = cost_of("query Q($ids: [ID!]!) { ts(ids: $ids) { a } }")

    assert [cost.at({"ids": list(range(n))}) for n in (0, 1, 40, 900)] == [2, 2, 41, 101]
    assert (cost.at({"ids": "one"}), cost.most) == (101, 101)


def test_a_list_of_objects_of_which_nobody_knows_how_long_it_is_is_found() -> None:
    assert COSTS.unknown_lengths() == []
    assert SchemaCosts(SCHEMA, CostTable()).unknown_lengths() == ["Query.ts", "T.ts"]
