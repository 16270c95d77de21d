"""Documents are measured as they would be expanded, in time that is linear in their length."""

from __future__ import annotations

import pytest
from graphql import get_introspection_query, parse

from resolvers.engine.limits import NESTING, Size, find_excess, is_nested_too_deep

LIMITS = Size(depth=3, fields=6, aliases=1, fragments=2, directives=1, roots=2)


@pytest.mark.parametrize(
    ("document", "excess"),
    [
        ("{ a { b { c } } }", None),
        ("{ a { b { c { d } } } }", "3 depth"),
        ("{ a { b c d e f } }", None),
        ("{ a { b c d e f g } }", "6 fields"),
        ("{ x: a y: b }", "1 aliases"),
        ("{ a { ...F ...F } } fragment F on T { b c }", None),
        ("{ a { ...F ...F } } fragment F on T { b c d }", "6 fields"),
        ("{ a { ...F } b { ...F ...F } } fragment F on T { c }", "2 fragments"),
        ("{ a @x b @y }", "1 directives"),
        ("query @x { a @y }", "1 directives"),
        ("{ a b c }", "2 roots"),
        ("{ ...F c } fragment F on T { a b }", "2 roots"),
        ("{ ... { a b } ... { c } }", "2 roots"),
        ("{ ...F } fragment F on T { a ...F }", None),
        ("{ a { ...Nowhere } }", None),
        ("query A { a } query B { a b c }", "2 roots"),
    ],
)
def test_each_limit_is_held(document: str, excess: str | None) -> None:
    error = find_excess(parse(document), LIMITS)

    assert (error and error.message) == (excess and f"The document exceeds the limit of {excess}.")


def test_fragments_that_double_each_other_are_measured_not_expanded() -> None:
    chain = " ".join(f"fragment F{n} on T {{ ...F{n + 1} ...F{n + 1} }}" for n in range(200))

    error = find_excess(parse(f"{{ ...F0 }} {chain} fragment F200 on T {{ a }}"))

    assert error is not None


def test_the_standard_introspection_is_within_the_limits() -> None:
    assert find_excess(parse(get_introspection_query())) is None


@pytest.mark.parametrize("bracket", ["{", "[", "("])
def test_deep_nesting_is_seen_in_the_text(bracket: str) -> None:
    assert not is_nested_too_deep(bracket * NESTING)
    assert is_nested_too_deep(bracket * (NESTING + 1))


def test_brackets_that_close_again_do_not_add_up() -> None:
    assert not is_nested_too_deep("{[()]}" * 1_000)


def test_nul_in_a_string_is_refused() -> None:
    assert find_excess(parse('{ a(b: "\\u0000") }')) is not None
    assert find_excess(parse('{ a(b: { c: ["""x\0"""] }) }')) is not None
