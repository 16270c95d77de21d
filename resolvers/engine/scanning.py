"""A document's text, judged before it is parsed: one pass of a regular expression, a tenth of what the parser costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError

TOO_COMPLEX: Final = "OPERATION_TOO_COMPLEX"
BAD_REQUEST: Final = "BAD_REQUEST"


@dataclass(frozen=True)
class TextLimits:
    """
    What the parser may be given.

    Its work is in tokens, comments among them, and in the characters of strings and comments, which it reads one by
    one; it calls itself for each bracket that is open.
    """

    tokens: int = 1_000
    arguments: int = 400
    """Tokens between parentheses: validation looks at each of them with all of its rules."""
    nesting: int = 60
    characters: int = 10_000
    """In all strings and comments together: what is longer belongs into variables."""


TEXT_LIMITS = TextLimits()

_TOKEN = re.compile(
    r"""
    [\s,\ufeff]++
    | [_A-Za-z][_A-Za-z0-9]*+
    | -?[0-9][0-9.eE+-]*+
    | \.\.\.
    | \"\"\"(?:[^"\\]++|\\\"\"\"|\\|"(?!""))*+(?:\"\"\")?
    | "(?:[^"\\\r\n]++|\\.)*+"?
    | \#[^\r\n]*+
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
_IGNORED = ",\ufeff"
_BRACKETS = "{([})]"
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:0000|\{0+\})")


def too_complex(what: str) -> GraphQLError:
    """Return the error for a document that exceeds a limit."""
    return GraphQLError(f"The document exceeds the limit of {what}.", extensions={"code": TOO_COMPLEX})


def find_excess_in_text(text: str, limits: TextLimits = TEXT_LIMITS) -> GraphQLError | None:
    """Return an error if *text* is more than the parser may be given, or a string holds NUL; None if all is well."""
    scan = _Scan(limits)
    for match in _TOKEN.finditer(text):
        token = match[0]
        if not (token[0].isspace() or token[0] in _IGNORED) and (excess := scan.excess_of(token)):
            return excess
    return None


class _Scan:
    """What was counted so far."""

    def __init__(self, limits: TextLimits) -> None:
        self._limits = limits
        self._tokens = self._arguments = self._characters = 0
        self._open = list[str]()
        self._parentheses = 0

    def excess_of(self, token: str) -> GraphQLError | None:
        """Count one token more; return an error if it is one too many."""
        limits, first = self._limits, token[0]
        self._tokens += 1
        self._arguments += self._parentheses > 0
        if self._tokens > limits.tokens:
            return too_complex(f"{limits.tokens} tokens")
        if self._arguments > limits.arguments:
            return too_complex(f"{limits.arguments} tokens in arguments")
        if first in '"#':
            return self._excess_of_text(token)
        if first in _BRACKETS:
            return self._excess_of_bracket(first)
        return None

    def _excess_of_bracket(self, bracket: str) -> GraphQLError | None:
        if bracket in "{([":
            self._open.append(bracket)
            self._parentheses += bracket == "("
            if len(self._open) > self._limits.nesting:
                return too_complex(f"{self._limits.nesting} levels of nesting")
        elif self._open:
            self._parentheses -= self._open.pop() == "("
        return None

    def _excess_of_text(self, token: str) -> GraphQLError | None:
        self._characters += len(token)
        if self._characters > self._limits.characters:
            return too_complex(f"{self._limits.characters} characters in strings and comments")
        if _holds_nul(token):
            return GraphQLError("A string holds the character NUL.", extensions={"code": BAD_REQUEST})
        return None


def _holds_nul(token: str) -> bool:
    if "\0" in token:
        return True
    return token.startswith('"') and not token.startswith('"""') and _NUL.search(token) is not None
