"""A change that would break a client of the released schema is refused, unless it was announced for long enough."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import schema
from mesadepartes.clock import now
from schema.evolution import PERIOD, refused_changes, since, undated_deprecations

FOLDER = Path(schema.__file__).parent
TODAY = date(2027, 8, 1)

RELEASED = """
interface Node { id: ID! }
type Query {
  a(x: Int = 1, y: Y): String!, b: [Int!]!, n: Node, u: U, s: S, e: E
  , old: Old DEPRECATED, w(o: Int DEPRECATED): Int
}
input Y { p: Int = 3, q: String, gone: Int DEPRECATED }
type T implements Node { id: ID! }
type V { id: ID! }
type Old { text: String }
union U = T | V
scalar S @specifiedBy(url: "https://a.example")
enum E { A, B DEPRECATED }
type Subscription { c: Int! }
"""
OLD = '@deprecated(reason: "2027-01-15: use `a`.")'
NOW = RELEASED.replace("DEPRECATED", OLD)


def changed(before: str, after: str) -> str:
    assert before in NOW
    return NOW.replace(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("b: [Int!]!, ", ""),
        ("b: [Int!]!", "b: [Int!]"),
        ("b: [Int!]!", "b: [String!]!"),
        ("x: Int = 1", "x: Int = 2"),
        ("x: Int = 1", "x: Int! = 1"),
        ("x: Int = 1, ", ""),
        ("y: Y)", "y: Y, z: Int!)"),
        ("p: Int = 3", "p: Int = 4"),
        ("p: Int = 3", "p: Int = 3, z: Int!"),
        ("q: String, ", ""),
        ("type T implements Node", "type T"),
        ("union U = T | V", "union U = T"),
        ("enum E { A, ", "enum E { "),
        ("https://a.example", "https://b.example"),
        ("type Subscription { c: Int! }", ""),
        ("c: Int!", "c: Int"),
    ],
)
def test_what_breaks_a_client_is_refused(before: str, after: str) -> None:
    assert len(refused_changes(NOW, changed(before, after), today=TODAY)) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("b: [Int!]!", "b: [Int!]!, more: Int"),
        ("y: Y)", "y: Y, z: Int)"),
        ("q: String", "q: String, z: Int"),
        ("union U = T | V", "type W { id: ID! } union U = T | V | W"),
        ("enum E { A", "enum E { A, C"),
        ("u: U", f"u: U {OLD}"),
        ("x: Int = 1", f"x: Int = 1 {OLD}"),
    ],
)
def test_what_adds_or_announces_is_not(before: str, after: str) -> None:
    assert refused_changes(NOW, changed(before, after), today=TODAY) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f", old: Old {OLD}", ""),
        (f"(o: Int {OLD})", ""),
        (f", gone: Int {OLD}", ""),
        (f", B {OLD}", ""),
    ],
)
def test_what_was_deprecated_in_a_release_goes_after_half_a_year(before: str, after: str) -> None:
    last_day = date(2027, 1, 15) + PERIOD
    later = changed(before, after)
    if "Old" in before:
        later = later.replace("type Old { text: String }\n", "")

    assert refused_changes(NOW, later, today=last_day) == []
    assert refused_changes(NOW, later, today=last_day - timedelta(days=1)) != []
    assert refused_changes(NOW.replace(OLD, ""), later.replace(OLD, ""), today=last_day) != [], "it was not released so"


def test_a_deprecation_says_since_when() -> None:
    assert since("2027-01-15: use `a`.") == date(2027, 1, 15)
    assert [since(reason) for reason in ("use `a`.", "2027-02-30: use `a`.", "2027-01-15:", "")] == [None] * 4
    assert undated_deprecations(NOW) == []
    assert undated_deprecations(NOW + 'type X { y: Int @deprecated(reason: "No more.") }') == ["No more."]


def test_the_schema_breaks_no_client_of_the_released_one() -> None:
    """Else: deprecate first, and remove in half a year; see docs/api.md."""
    released, current = ((FOLDER / f"{name}.graphql").read_text("utf-8") for name in ("released", "schema"))

    assert refused_changes(released, current, today=now().date()) == []
    assert undated_deprecations(current) == []
