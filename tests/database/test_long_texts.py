"""Every text that may be given has a greatest length: what is longer is refused, wherever it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from rules.access import Role
from tests.api import Api, in_process, make_feed
from tests.sdl import published_schema

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

SCHEMA = published_schema()
LONG = "ñ" * 12_000
SAMPLES: dict[str, object] = {
    "Int": 1,
    "Boolean": True,
    "String": "x",
    "Date": "2026-03-10",
    "UUID": str(uuid4()),
    "UploadId": str(uuid4()),
    "ID": str(uuid4()),
}
ANSWERED = {"Query.validateRuc", "Query.nodes", "Query.reviewFiling", "Query.inbox", "Query.report"} | {
    "Query.recoveryRequests",
    "Query.identityClaims",
}
"""What says with its answer what is wrong with a text, or that there is nothing of the kind: it refuses nothing."""


def sample(kind: Any) -> Any:
    """Return a value of a type, with what it needs."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        needed = {name: field for name, field in kind.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return {name: sample(field.type) for name, field in needed.items()}
    return SAMPLES[str(kind)]


def long_ones(kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield, for each text within a type, a value in which that one is long."""
    if isinstance(kind, GraphQLNonNull):
        yield from long_ones(kind.of_type)
    elif isinstance(kind, GraphQLList):
        yield from ((f"[]{path}", [value]) for path, value in long_ones(kind.of_type))
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            whole = sample(kind)
            yield from ((f".{name}{path}", whole | {name: value}) for path, value in long_ones(field.type))
    elif str(kind) in ("String", "ID"):
        yield "", LONG


def trials() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each operation with one long text: how it is called, its document and its variables."""
    for root, word in ((SCHEMA.query_type, "query"), (SCHEMA.mutation_type, "mutation")):
        assert root is not None
        for name, field in root.fields.items():
            needed = {
                each: sample(arg.type) for each, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull)
            }
            for argument, each in field.args.items():
                for path, value in long_ones(each.type):
                    given = needed | {argument: value}
                    yield f"{root.name}.{name}({argument}{path})", document(word, name, field, given), given


def document(word: str, name: str, field: GraphQLField, given: dict[str, Any]) -> str:
    """Return the document that asks for a field."""
    declared = ", ".join(f"${each}: {field.args[each].type}" for each in given)
    passed = ", ".join(f"{each}: ${each}" for each in given)
    kind = get_named_type(field.type)
    below = "" if is_leaf_type(kind) else " { __typename ... on Refusal { code } }"
    if isinstance(kind, GraphQLObjectType):
        below = " { __typename }"
    return f"{word} ({declared}) {{ {name}({passed}){below} }}"


def codes_of(answer: dict[str, Any], name: str) -> list[str]:
    """Return the codes of an answer's errors or refusal."""
    shown = (answer.get("data") or {}).get(name)
    refused = [shown["code"]] if isinstance(shown, dict) and "code" in shown else []
    return refused + [error["extensions"]["code"] for error in answer.get("errors", [])]


async def test_a_text_that_is_too_long_is_refused_wherever_it_is_given(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as api:
        people = [
            api,
            *[await api.signed_in(counter, role=role, office="PUNO") for role in (Role.SUPERVISOR, Role.ADMINISTRATOR)],
        ]
        wrong = list[str]()
        for called, asked, given in trials():
            for person in people:
                codes = await tried(person, called, asked, given)
                if "INTERNAL_ERROR" in codes or (not codes and called.split("(")[0] not in ANSWERED):
                    wrong.append(f"{called}: {codes}")
    assert not wrong, "\n".join(wrong)


async def tried(person: Api, called: str, asked: str, given: dict[str, Any]) -> list[str]:
    answer = await person.answer(asked, **given)
    name = called.split("(")[0].split(".")[1]
    shown = (answer.get("data") or {}).get(name)
    return codes_of(answer, name) or (["NULL"] if answer.get("data") and not shown else [])
