"""
What a mail server wrote of how it checked a mail: one Authentication-Results field (RFC 8601, 2.2), read strictly.

Senders put words into it: their envelope address, their domain. What does not follow the grammar to the last character
is worth nothing as a whole; no part of it is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 4_000
MOST_RESULTS: Final = 50
DEEPEST_COMMENT: Final = 3

_PLAIN = re.compile(r"[\t\x20-\x7e]*")
_PIECE = re.compile(r'"[^"\\]*"|[()]|[^()"\\]+')
_GROUPS = re.compile(r'(?:[^";]|"[^"]*")+|;')
_ID = re.compile(r"([A-Za-z0-9][A-Za-z0-9._:-]{0,253})(?:[ \t]+1)?")
_METHOD = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]{0,40})(?:[ \t]*/[ \t]*1)?[ \t]*=[ \t]*([A-Za-z]{1,20})(?=[ \t]|$)")
_PROPERTY = re.compile(r'[ \t]+([A-Za-z][A-Za-z0-9._-]{0,60})[ \t]*=[ \t]*(?:"([^"]*)"|([^\s";]*))(?=[ \t]|$)')
_BEGINNING = re.compile(r"[ \t]*([A-Za-z0-9][A-Za-z0-9._:-]{0,253})(?=[ \t;(]|$)")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DEPTHS: Final = {"(": 1, ")": -1}
_GAPS: Final = ("", " ", "\t", ";")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{0,64}")


@dataclass(frozen=True, slots=True)
class Result:
    """What one check said; its properties by name in lower case, a quoted value standing as a quotation mark alone."""

    method: str
    verdict: str
    properties: tuple[tuple[str, str], ...] = ()

    def domain(self, name: str) -> str | None:
        """Return the domain that a property names, alone or after an address's `@`; None unless it names one only."""
        values = [value for known, value in self.properties if known == name]
        if len(values) != 1:
            return None
        local, _, domain = values[0].rpartition("@")
        domain = domain.lower()
        return domain if _LOCAL_PART.fullmatch(local) and len(domain) <= 253 and _DOMAIN.fullmatch(domain) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One field: whose word it is, in lower case, and its results; None when it cannot be read."""

    server: str
    results: tuple[Result, ...] | None


def read_verdict(value: str) -> Verdict:
    """Return what the value of an Authentication-Results field says; of a broken one, only whose."""
    claimed = _BEGINNING.match(value[:LONGEST])
    server = claimed[1].lower() if claimed else ""
    first, *groups = _split(_without_comments(value) or "")
    is_named = (named := _ID.fullmatch(first)) is not None and named[1].lower() == server
    return Verdict(server, _results(groups) if is_named else None)


def _without_comments(value: str) -> str | None:
    """
    Return *value* without its comments; None if it has what this grammar has not.

    A comment stands between spaces or before a semicolon: in `user@bank.example(.evil.example)` the sender wrote it.
    """
    if len(value) > LONGEST or not _PLAIN.fullmatch(value):
        return None
    kept, depth, end = "", 0, 0
    for piece in _PIECE.finditer(value):
        depth_after = depth + _DEPTHS.get(piece[0], 0)
        is_odd = piece.start() != end or not 0 <= depth_after <= DEEPEST_COMMENT or (depth and piece[0][0] == '"')
        if is_odd or (bool(depth) != bool(depth_after) and not _stands_alone(value, piece)):
            return None
        kept += "" if depth or depth_after else piece[0]
        depth, end = depth_after, piece.end()
    return None if depth or end != len(value) else kept


def _stands_alone(value: str, paren: re.Match[str]) -> bool:
    """Say whether the outermost parenthesis of a comment touches no word."""
    before, after = value[: paren.start()][-1:], value[paren.end() :][:1]
    return before in _GAPS if paren[0] == "(" else after in _GAPS


def _split(text: str) -> list[str]:
    parts = [""]
    for piece in _GROUPS.findall(text):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip(" \t") for part in parts]


def _results(groups: list[str]) -> tuple[Result, ...] | None:
    told = groups[:-1] if groups and not groups[-1] else groups
    if [each.lower() for each in told] == ["none"]:
        return ()
    if not told or len(told) > MOST_RESULTS:
        return None
    results = [_result(group) for group in told]
    return tuple(each for each in results if each) if all(results) else None


def _result(group: str) -> Result | None:
    method = _METHOD.match(group)
    if method is None:
        return None
    properties: list[tuple[str, str]] = []
    end = method.end()
    while end < len(group):
        found = _PROPERTY.match(group, end)
        if found is None:
            return None
        properties.append((found[1].lower(), '"' if found[3] is None else found[3]))
        end = found.end()
    return Result(method[1].lower(), method[2].lower(), tuple(properties))
