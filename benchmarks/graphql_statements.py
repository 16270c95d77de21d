"""How many statements a document of one root takes that shows a list: one for who asks, one for all that is shown."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson
from graphql import (
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from actions.accounts import register_account
from actions.administration import appoint
from actions.reads import APPEND
from benchmarks.figures import Figure
from benchmarks.graphql_inside import Inside
from models.people import User
from resolvers.root import print_sdl
from resolvers.terms import make_terms
from rules.access import Role
from rules.people import clean_identity

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from graphql import GraphQLField, GraphQLSchema

    from benchmarks.ground import Ground

MOST = 2
"""One for the viewer, and one for the one root that each of the documents has."""
STAFF = (Role.CLERK, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)
FIRST_STAFF = 70_000_000
OFFICE = "LIMA"
ENOUGH_POINTS = 1_000_000_000
DEPTH = 1
"""How far what belongs to each of a list is asked for along."""
GIVEN = {
    "officeCode": f'"{OFFICE}"',
    "year": "2026",
    "from": '"2026-01-01"',
    "to": '"2026-12-31"',
    "last": "5",
}
"""Values of arguments that must be given."""


@dataclass(frozen=True)
class ListAsked:
    """A list of the schema, and a document that leads to it."""

    name: str
    document: str


def lists_of(schema: GraphQLSchema, given: dict[str, str]) -> Iterator[ListAsked]:
    """Yield every list of objects to which a query leads, each by the shortest way whose arguments can be *given*."""
    assert schema.query_type is not None
    waiting = deque([(schema.query_type, list[str]())])
    seen, told = {schema.query_type.name}, set[str]()
    while waiting:
        kind, path = waiting.popleft()
        for name, field in kind.fields.items():
            arguments, below = _arguments(field, given), get_named_type(field.type)
            if arguments is None or not isinstance(below, GraphQLObjectType):
                continue
            way = [*path, f"{name}{arguments}"]
            if _is_list(field) and f"{kind.name}.{name}" not in told:
                told.add(f"{kind.name}.{name}")
                yield ListAsked(_name(kind.name, name, path), _document(way, below, given))
            if below.name not in seen:
                seen.add(below.name)
                waiting.append((below, way))


def _name(kind: str, name: str, path: list[str]) -> str:
    """Return how a list is called: a connection by the root of which it is."""
    return path[-1].partition("(")[0] if name == "edges" and len(path) == 1 else f"{kind}.{name}"


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type if is_non_null_type(field.type) else field.type)


def _arguments(field: GraphQLField, given: dict[str, str]) -> str | None:
    """Return the arguments that a field must be given; None if one is not known."""
    values = list[str]()
    for name, argument in field.args.items():
        kind = get_named_type(argument.type)
        value = next(iter(kind.values)) if is_enum_type(kind) else given.get(name)
        if is_required_argument(argument):
            if value is None:
                return None
            values.append(f"{name}: {value}")
    return f"({', '.join(values)})" if values else ""


def _document(way: Iterable[str], kind: GraphQLObjectType, given: dict[str, str]) -> str:
    text = " ".join(_leaves(kind, given))
    for field in reversed(list(way)):
        text = f"{field} {{ {text} }}"
    return f"{{ {text} }}"


def _leaves(kind: GraphQLObjectType, given: dict[str, str], depth: int = DEPTH) -> Iterator[str]:
    """Yield the fields of a type that are values, those of what an edge leads to, and of what belongs to each."""
    for name, field in kind.fields.items():
        arguments, below = _arguments(field, given), get_named_type(field.type)
        if arguments is None:
            continue
        if is_leaf_type(below):
            yield f"{name}{arguments}"
        elif isinstance(below, GraphQLObjectType) and not _is_list(field) and (name == "node" or depth):
            yield f"{name}{arguments} {{ {' '.join(_leaves(below, given, depth if name == 'node' else depth - 1))} }}"
    yield "__typename"


@contextmanager
def counted() -> Generator[list[str]]:
    """Yield a list to which every statement is added that asyncpg sends as long as the block lasts."""
    texts, connection = list[str](), asyncpg.Connection
    names = ("execute", "executemany", "fetch", "fetchrow", "fetchval")
    before: dict[str, Any] = {name: getattr(connection, name) for name in names}

    def noting(call: Any) -> Any:
        async def noted(self: Any, text: str, *values: Any, **options: Any) -> Any:
            texts.append(text.strip())
            return await call(self, text, *values, **options)

        return noted

    for name, call in before.items():
        setattr(connection, name, noting(call))
    try:
        yield texts
    finally:
        for name, call in before.items():
            setattr(connection, name, call)


async def statement_figures(ground: Ground, applicant: str) -> list[Figure]:
    """Return a figure for each list that takes more than it may, and how many those are of all."""
    # Who pays is asked, as at a counter, of what anybody may ask too.
    inside = Inside.of(ground, terms=make_terms(points_per_minute=ENOUGH_POINTS, at_once=1, shows_schema=True))
    given = await _given(inside, applicant)
    tokens = [applicant, *[await _staff(ground, role) for role in STAFF]]
    asked = list(lists_of(build_schema(print_sdl()), given))
    with counted() as texts:
        worst = {each.name: max([await _statements(inside, each, token, texts) for token in tokens]) for each in asked}
    over = {name: count for name, count in worst.items() if count > MOST}
    return [
        Figure("lists of the schema that were asked for", len(asked), "lists"),
        *[Figure(f"statements of {name}", count, "", f"<= {MOST}", met=False) for name, count in over.items()],
        Figure("lists that take more than 1 + roots statements", len(over), "lists", "0", not over),
    ]


async def _given(inside: Inside, token: str) -> dict[str, str]:
    body = orjson.dumps({"query": "{ tramites(first: 1) { edges { node { number receipts { verificationCode } } } } }"})
    _, answer = await inside.ask(body, token)
    [edge] = orjson.loads(answer)["data"]["tramites"]["edges"]
    code = edge["node"]["receipts"][0]["verificationCode"]
    return GIVEN | {"number": f'"{edge["node"]["number"]}"', "verificationCode": f'"{code}"'}


async def _staff(ground: Ground, role: Role) -> str:
    """Return the token of a member of staff, who is registered unless they are."""
    counter, number = ground.counter, str(FIRST_STAFF + list(Role).index(role))
    form = replace(counter.registration(), identity_number=number, email=f"{number}@example.pe")
    if not await User.exists(identity_number=number):
        await register_account(counter.tools, form, role=role, is_verified=True)
        await appoint(clean_identity(form.identity_kind, number), role=role, office_code=OFFICE)
    token = (await counter.begin_session(form)).token
    await counter.viewer_of(token)
    return token


async def _statements(inside: Inside, asked: ListAsked, token: str, texts: list[str]) -> int:
    """Return how many statements are sent when all that a document needs to be known of it is known."""
    body = orjson.dumps({"query": asked.document})
    await inside.ask(body, token)
    texts.clear()
    _, answer = await inside.ask(body, token)
    if "errors" in orjson.loads(answer):
        raise SystemExit(f"{asked.name}: {answer[:300].decode()} {asked.document}")
    return len(reads_of(texts))


def reads_of(texts: list[str]) -> list[str]:
    """Return the statements that read what is shown: that it was read is written down in a transaction of its own."""
    reads, is_within = list[str](), False
    for text in texts:
        begins, ends = text.startswith("BEGIN"), text.startswith(("COMMIT", "ROLLBACK"))
        is_within = (is_within or begins) and not ends
        if not (begins or ends or is_within or text == APPEND):
            reads.append(text)
    return reads
