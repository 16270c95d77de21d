"""Documents that were made to cost much, one for each way that is known, and random ones of any shape up to 64 KiB."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

from graphql import get_introspection_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BYTES = 64 * 1024
"""What the door reads of a body."""

FILE = 'tramite(number: "MPD-2026-000001")'


def _many(what: Callable[[int], str], count: int) -> str:
    return " ".join(what(number) for number in range(count))


def doubling_fragments(levels: int = 60) -> str:
    """Return fragments of which each spreads the next one twice: 2^levels fields, if they were expanded."""
    chain = _many(lambda n: f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}", levels)
    return f"{{ ...F0 }} {chain} fragment F{levels} on Query {{ me {{ id }} }}"


def doubling_aliases(levels: int = 14) -> str:
    """Return fragments that spread the next one under two aliases: no two of these fields are one."""
    chain = _many(lambda n: f"fragment F{n} on TramiteEdge {{ a{n}: node {{ id }} ...F{n + 1} ...F{n + 1} }}", levels)
    return f"{{ tramites {{ edges {{ ...F0 }} }} }} {chain} fragment F{levels} on TramiteEdge {{ cursor }}"


def nested_twins(levels: int = 8) -> str:
    """Return the same field twice on each level: every pair of pairs is compared."""
    inside = "id number"
    for _ in range(levels):
        inside = f"office {{ {inside} }} office {{ {inside} }}"
    return f"{{ {FILE} {{ {inside} }} }}"


def fragments_of_all_siblings(count: int = 55) -> str:
    """Return fragments that all stand beside each other: each is compared with each."""
    fields = "id number subject folios status office { id code name }"
    return f"{{ {FILE} {{ {_many(lambda n: f'...F{n}', count)} }} }} " + _many(
        lambda n: f"fragment F{n} on Tramite {{ {fields} }}", count
    )


def fields_in_circles() -> str:
    """Return fragments that lead back to themselves through fields."""
    return """{ tramites { ...A } } fragment A on TramiteConnection { edges { ...B } }
        fragment B on TramiteEdge { cursor ...B ...C } fragment C on TramiteEdge { cursor ...B }"""


def values_nested(levels: int) -> str:
    """Return a value of lists in lists."""
    return f"{{ tramites(filter: {{ statuses: {'[' * levels}PENDING{']' * levels} }}) {{ totalCount {{ count }} }} }}"


HAZARDS: Mapping[str, Callable[[], str]] = {
    "fragments that double": doubling_fragments,
    "fragments that double, thousands": lambda: doubling_fragments(1_000),
    "aliases that double": doubling_aliases,
    "fragments in a circle": lambda: "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fields in a circle": fields_in_circles,
    "twins, nested": nested_twins,
    "fragments, all siblings": fragments_of_all_siblings,
    "unspread fragments": lambda: f"{{ me {{ id }} }} {_many(lambda n: f'fragment F{n} on User {{ id }}', 1_500)}",
    "one unspread fragment, wide": lambda: f"{{ me {{ id }} }} fragment F on User {{ {'id ' * 900}}}",
    "aliases": lambda: f"{{ {_many(lambda n: f'a{n}: me {{ id }}', 3_000)} }}",
    "aliases of what is dear": lambda: (
        f"{{ {_many(lambda n: f'a{n}: tramites(first: 100) {{ totalCount {{ count }} }}', 100)} }}"
    ),
    "one field, often": lambda: f"{{ me {{ {'id ' * 20_000} }} }}",
    "one field, as often as tokens allow": lambda: f"{{ me {{ {'id ' * 480} }} }}",
    "fields that are not": lambda: f"{{ {_many(lambda n: f'x{n}', 9_000)} }}",
    "fields that are not, as tokens allow": lambda: f"{{ me {{ {_many(lambda n: f'x{n}', 480)} }} }}",
    "inline fragments": lambda: f"{{ {'... on Query { me { id fullName } } ' * 1_500} }}",
    "inline fragments, few": lambda: f"{{ me {{ {'... on User { id fullName } ' * 55} }} }}",
    "inline fragments, nested": lambda: f"{{ {'... { ' * 55} me {{ id }} {'} ' * 55} }}",
    "directives that are not": lambda: f"{{ __typename {'@a' * 30_000} }}",
    "directives": lambda: f"{{ __typename {'@skip(if: false) ' * 3_000} }}",
    "directives on variables": lambda: f"query({_many(lambda n: f'$v{n}: Int @a @b @c', 160)}) {{ me {{ id }} }}",
    "variables unused": lambda: f"query({_many(lambda n: f'$v{n}: Int', 5_000)}) {{ me {{ id }} }}",
    "variables unused, as tokens allow": lambda: f"query({_many(lambda n: f'$v{n}: Int', 190)}) {{ me {{ id }} }}",
    "variables of no type": lambda: f"query({_many(lambda n: f'$v{n}: [[[X]]]', 90)}) {{ me {{ id }} }}",
    "variables twice": lambda: f"query({'$v: Int ' * 240}) {{ tramites(first: $v) {{ totalCount {{ count }} }} }}",
    "operations": lambda: _many(lambda n: f"query Q{n} {{ me {{ id }} }}", 2_000),
    "operations, as tokens allow": lambda: _many(lambda n: f"query Q{n} {{ me {{ id }} }}", 110),
    "operations without a name": lambda: "{ me { id } } " * 150,
    "depth": lambda: f"{{ {FILE} {{ {'office { ' * 3_000} id {'} ' * 3_000} }} }}",
    "depth, as nesting allows": lambda: f"{{ {FILE} {{ {'office { ' * 55} id {'} ' * 55} }} }}",
    "brackets": lambda: "{" * BYTES,
    "brackets of a list": lambda: values_nested(10_000),
    "brackets of a list, as nesting allows": lambda: values_nested(55),
    "a list of values": lambda: (
        f"{{ tramites(filter: {{ statuses: [{'PENDING ' * 900}] }}) {{ totalCount {{ count }} }} }}"
    ),
    "a list of values that are not": lambda: (
        f"{{ tramites(filter: {{ statuses: [{'NADA ' * 900}] }}) {{ totalCount {{ count }} }} }}"
    ),
    "an object of fields that are not": lambda: (
        f"{{ tramites(filter: {{ {_many(lambda n: f'x{n}: 1', 300)} }}) {{ totalCount {{ count }} }} }}"
    ),
    "an object with a field twice": lambda: (
        f"{{ tramites(filter: {{ {'subject: 1 ' * 300} }}) {{ totalCount {{ count }} }} }}"
    ),
    "arguments that are not": lambda: (
        f"{{ tramites({_many(lambda n: f'x{n}: 1', 300)}) {{ totalCount {{ count }} }} }}"
    ),
    "arguments twice": lambda: f"{{ tramites({'first: 1 ' * 300}) {{ totalCount {{ count }} }} }}",
    "spaces": lambda: "{ me { id } }" + " " * 65_000,
    "commas": lambda: "{ me { id } }" + "," * 65_000,
    "lines": lambda: "{ me { id } }" + "\n" * 65_000,
    "returns": lambda: "{ me { id } x }" + "\r" * 65_000,
    "comments": lambda: "{ me { id } }" + "#\n" * 32_000,
    "a comment": lambda: "#" + "a" * 65_000 + "\n{ me { id } }",
    "a name": lambda: "{ " + "a" * 65_000 + " }",
    "a number": lambda: f"{{ tramites(first: {'1' * 65_000}) {{ totalCount {{ count }} }} }}",
    "a number as a string": lambda: f'{{ tramites(first: "{"1" * 9_000}") {{ totalCount {{ count }} }} }}',
    "a string": lambda: f'{{ tramite(number: "{"a" * 65_000}") {{ id }} }}',
    "a string, as limits allow": lambda: f'{{ tramite(number: "{"a" * 9_900}") {{ id }} }}',
    "a string of escapes": lambda: f'{{ tramite(number: "{chr(92)}n{(chr(92) + "n") * 4_900}") {{ id }} }}',
    "a string of lines": lambda: f'{{ tramite(number: "{(chr(92) + "n") * 32_000}") {{ id }} }}',
    "a block of lines": lambda: f'{{ tramite(number: """{" " + chr(10) * 1}{(" " + chr(10)) * 4_900}""") {{ id }} }}',
    "strings, many": lambda: f"{{ tramite({'number: ' + chr(34) * 2 + ' '}) {{ id }} }}".replace('""', '"" ' * 900),
    "quotes": lambda: '"' * 65_000,
    "backslashes": lambda: '{ a(b: "' + "\\" * 60_000,
    "signs that are none": lambda: "€" * 21_000,
    "a schema": lambda: _many(lambda n: f"type T{n} {{ a: Int }}", 2_000),
    "a schema, as tokens allow": lambda: _many(lambda n: f"type T{n} {{ a: Int }}", 110),
    "introspection": get_introspection_query,
    "introspection, in circles": lambda: (
        "{ __schema { types { " + "fields { type { " * 6 + "name" + "} }" * 6 + "} } }"
    ),
    "introspection, by many": lambda: (
        f"{{ __schema {{ types {{ {_many(lambda n: f'a{n}: fields {{ args {{ name }} }}', 25)} }} }} }}"
    ),
}
"""One document for each hazard that somebody has found in a server of GraphQL."""


def variables_of(count: int) -> Mapping[str, dict[str, Any]]:
    """Return variables that are much to look at, each for the document `TAKES_VARIABLES`."""
    return {
        "a list": {"filter": {"statuses": ["PENDING"] * count}},
        "a list of nothing": {"filter": {"statuses": [None] * count}},
        "a list of objects": {"filter": {"statuses": [{}] * count}},
        "fields that are not": {"filter": {f"x{n}": 1 for n in range(count)}},
        "variables that are not": {f"x{n}": 1 for n in range(count)},
        "lists in lists": {"filter": {"statuses": [[["PENDING"]] * 20] * (count // 20)}},
        "a long text": {"filter": {"text": "a " * count}},
    }


TAKES_VARIABLES = "query Q($filter: TramiteFilter) { tramites(filter: $filter) { totalCount { count } } }"

_NAMES = (
    *("me", "id", "fullName", "tramites", "edges", "node", "number", "subject", "office", "offices", "code", "name"),
    *("attachments", "history", "x", "__typename", "totalCount", "count", "notices", "filter", "first", "last"),
    *("after", "A", "B", "Query", "Tramite", "User", "Office", "TramiteEdge", "on", "query", "fragment"),
)
_MARKS = (
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "$",
    "@",
    "!",
    "...",
    "=",
    "|",
    "&",
    '"',
    '"""',
    "#",
    "\\",
    "\n",
    ",",
    "-1",
)


def random_text(random: Random) -> str:
    """Return tokens in any order, of any length up to 64 KiB."""
    length, found = random.choice((200, 2_000, 20_000, BYTES - 200)), list[str]()
    names = random.sample(_NAMES, 12)
    while length > 0:
        found.append(random.choice(names if random.random() < 0.6 else _MARKS))
        length -= len(found[-1]) + 1
    return " ".join(found)


_BELOW: Mapping[str, Mapping[str, str]] = {
    "Query": {"me": "User", "tramites(first: 5)": "TramiteConnection", "offices": "Office", FILE: "Tramite"},
    "User": {"id": "", "fullName": "", "offices": "Office"},
    "Office": {"id": "", "code": "", "name": ""},
    "TramiteConnection": {"edges": "TramiteEdge", "totalCount": "TotalCount"},
    "TramiteEdge": {"cursor": "", "node": "Tramite"},
    "TotalCount": {"count": "", "isExact": ""},
    "Tramite": {
        **{"id": "", "number": "", "subject": "", "office": "Office", "attachments": "Attachment"},
        **{"history(last: 3)": "HistoryEntry", "notices(last: 3)": "Notice"},
    },
    "Attachment": {"id": "", "name": "", "sizeBytes": ""},
    "HistoryEntry": {"sequence": "", "at": "", "act": ""},
    "Notice": {"__typename": ""},
}


class RandomDocument:
    """A document whose brackets and most names are right, so that it gets as far as it can."""

    def __init__(self, random: Random, *, fields: int, aliases: float = 0.05) -> None:
        self._random, self._room, self._aliases = random, fields, aliases
        self._fragments = dict[str, str]()

    def text(self) -> str:
        """Return it."""
        parts = [f"query Q {{ {self._fields('Query', 0)} }}"]
        parts += [f"fragment {name} on {body}" for name, body in self._fragments.items()]
        self._random.shuffle(parts)
        return "\n".join(parts)

    def _fields(self, kind: str, depth: int) -> str:
        count = self._random.choice((1, 2, 4, 8, 20)) if depth else self._random.choice((1, 3, 9))
        return " ".join(self._one(kind, depth) for _ in range(count)) or "__typename"

    def _one(self, kind: str, depth: int) -> str:
        self._room -= 1
        chance = self._random.random()
        if self._room <= 0 or depth > 12:
            return "__typename"
        if chance < 0.08:
            return f"... on {kind} {{ {self._fields(kind, depth)} }}"
        if chance < 0.16:
            return f"...{self._fragment(kind, depth)}"
        name = self._random.choice(list(_BELOW[kind]))
        alias = f"a{self._random.randrange(30)}: " if self._random.random() < self._aliases else ""
        below = _BELOW[kind][name]
        name = "nada" if self._random.random() < 0.002 else name
        directive = " @include(if: true)" if self._random.random() < 0.02 else ""
        return (
            f"{alias}{name}{directive} {{ {self._fields(below, depth + 1)} }}" if below else f"{alias}{name}{directive}"
        )

    def _fragment(self, kind: str, depth: int) -> str:
        known = [name for name, body in self._fragments.items() if body.startswith(f"{kind} ")]
        if known and self._random.random() < 0.7:
            return self._random.choice(known)
        name = f"F{len(self._fragments)}"
        self._fragments[name] = f"{kind} {{ __typename }}"
        self._fragments[name] = f"{kind} {{ {self._fields(kind, depth)} }}"
        return name


def random_documents(seed: int, count: int) -> list[str]:
    """Return documents that a body has room for, half of them of the right form."""
    random = Random(seed)
    found = list[str]()
    while len(found) < count:
        fields = random.choice((5, 20, 60, 150, 400, 2_000))
        text = random_text(random) if len(found) % 2 else RandomDocument(random, fields=fields).text()
        if len(json.dumps({"query": text})) <= BYTES:
            found.append(text)
    return found
