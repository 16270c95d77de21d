"""A text is refused before the parser sees it if it is more than the parser may be given."""

from __future__ import annotations

import pytest
from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind

from resolvers.engine.scanning import TEXT_LIMITS, TextLimits, find_excess_in_text
from tests.hostile_documents import HAZARDS, random_documents

FEW = TextLimits(tokens=9, arguments=4, nesting=3, characters=6)


@pytest.mark.parametrize(
    ("text", "excess"),
    [
        ("{ a b c d e f }", None),
        ("{ a b c d e f g h }", "9 tokens"),
        ("{a,b,c,d,e,f,,,,,,,}", None),
        ("{ a }" + " \n" * 9_000, None),
        ("# a\n# b\n# c\n", "6 characters in strings and comments"),
        ("#\n" * 9, "6 characters in strings and comments"),
        ('{ a(b: "123") }', None),
        ('{ a(b: "12345") }', "6 characters in strings and comments"),
        ('{ a(b: """1""") }', "6 characters in strings and comments"),
        ("{ a { b { c } } }", None),
        ("{ a { b { c {", "3 levels of nesting"),
        ("[[[[", "3 levels of nesting"),
        ("{[()]}" * 1, None),
        ('{ a(b: "{{{{") }', None),
        ("{ a(b: 1) }", None),
        ("{ a(b: 1 c: 2) }", "4 tokens in arguments"),
        ("{ a(b: [1]) c d }", "4 tokens in arguments"),
        ("}}))]] a", None),
    ],
)
def test_each_limit_is_held(text: str, excess: str | None) -> None:
    error = find_excess_in_text(text, FEW)

    assert (error and error.message) == (excess and f"The document exceeds the limit of {excess}.")


@pytest.mark.parametrize("text", ['{ a(b: "\\u0000") }', '{ a(b: "\\\\\\u{00}") }', '{ a(b: """x\0""") }', '"\0"'])
def test_nul_in_a_string_is_refused(text: str) -> None:
    error = find_excess_in_text(text)

    assert error is not None
    assert (error.extensions or {})["code"] == "BAD_REQUEST"


@pytest.mark.parametrize("text", ['{ a(b: "\\\\u0000") }', '{ a(b: """\\u0000""") }', '{ a(b: "\\u0001") }'])
def test_what_only_looks_like_nul_is_not_refused(text: str) -> None:
    assert find_excess_in_text(text) is None


def tokens_of(text: str, *, most: int) -> int:
    lexer, count = Lexer(Source(text)), 0
    try:
        while lexer.advance().kind != TokenKind.EOF and count < most:
            count += 1
    except GraphQLSyntaxError:
        pass
    return count


def test_the_parser_meets_no_more_tokens_than_were_counted() -> None:
    """It would otherwise be given more than it may be."""
    for text in [*(make() for make in HAZARDS.values()), *random_documents(3, 60)]:
        found = tokens_of(text, most=TEXT_LIMITS.tokens + 1)

        error = find_excess_in_text(
            text, TextLimits(tokens=found - 1, arguments=10**6, nesting=10**6, characters=10**6)
        )
        assert found == 0 or error is not None, text[:200]
