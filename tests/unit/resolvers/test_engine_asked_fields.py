"""Which fields a document asks for: by whatever way, and in time that grows with the document only."""

from __future__ import annotations

import time

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse

from resolvers.engine.asked_fields import asked_fields

SCHEMA = build_schema("""
    interface Thing { id: ID, near: Thing }
    type Stone implements Thing { id: ID, near: Thing, weight: Int }
    type Bird implements Thing { id: ID, near: Thing, song: String }
    union Found = Stone | Bird
    type Query { stone: Stone, thing: Thing, found: Found }
""")


def asked(document: str, *, as_one: tuple[str, ...] = ()) -> set[str]:
    parts = parse(document).definitions
    [operation] = [each for each in parts if isinstance(each, OperationDefinitionNode)]
    fragments = {each.name.value: each for each in parts if isinstance(each, FragmentDefinitionNode)}
    return {f"{owner}.{name}" for owner, name in asked_fields(SCHEMA, operation, fragments, as_one=as_one)}


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ("{ a: stone { b: weight __typename } }", {"Query.stone", "Stone.weight"}),
        ("{ stone { ... { ... on Stone { weight } } } }", {"Query.stone", "Stone.weight"}),
        ("{ found { ...B } } fragment B on Bird { song near { id } }", {"Query.found", "Bird.song", "Bird.near"} | {
            "Stone.id", "Bird.id",
        }),
        ("{ thing { id } }", {"Query.thing", "Stone.id", "Bird.id"}),
        ("{ stone { weight @skip(if: true) } }", {"Query.stone", "Stone.weight"}),
    ],
)  # fmt: skip
def test_every_field_is_found_however_it_is_asked_for(document: str, fields: set[str]) -> None:
    assert asked(document) == fields


def test_an_interface_that_is_taken_as_one_is_named_itself_and_its_types_where_they_are() -> None:
    assert asked("{ thing { id ... on Bird { song } } }", as_one=("Thing",)) == {"Query.thing", "Thing.id", "Bird.song"}


def test_fragments_that_double_at_each_level_are_walked_once() -> None:
    levels = "".join(f"fragment F{n} on Stone {{ ...F{n + 1} ...F{n + 1} }} " for n in range(60))

    began = time.process_time()
    found = asked(f"{{ stone {{ ...F0 }} }} {levels} fragment F60 on Stone {{ weight }}")

    assert found == {"Query.stone", "Stone.weight"}
    assert time.process_time() - began < 0.1
