"""How an operation is asked for, and what came of it in the words of the table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import uuid4

from resolvers.context import Context
from resolvers.engine.execution import Asked, RequestError
from resolvers.engine.rendering import begin
from resolvers.refusing import ERRORS
from resolvers.root import build_execution
from tests.api import MAKING
from tests.matrix.table import ABSENT, EMPTY, SHOWN
from tests.matrix.world import NO_ID, Maker, Person, Thing, World

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Answer:
    """What came: in a word of the table, and to the letter."""

    outcome: str
    text: str


class Ask(Protocol):
    """Asks for an operation."""

    async def __call__(self, world: World, person: Person, thing: Thing, /) -> Answer: ...


@dataclass(frozen=True)
class Operation:
    """
    One row of the table, and how it is tried.

    `changes`: it leaves something otherwise where it is done. `is_alone`: somebody new asks each time, because
    whoever has done it is not the same after.
    """

    about: Maker
    ask: Ask
    changes: bool = False
    is_alone: bool = False


OPERATIONS: dict[str, Operation] = {}
"""By its name in the table."""

Fields: TypeAlias = dict[str, Any]


async def nothing(_world: World, _person: Person, _relation: int) -> Thing:
    """Return what operations about nothing in particular are about."""
    return Thing(NO_ID)


def mutation(
    name: str,
    variant: str = "",
    *,
    about: Maker = nothing,
    changes: bool = True,
    is_alone: bool = False,
    has_input: bool = True,
) -> Callable[[Callable[[Thing], Fields]], None]:
    """Try a mutation with the input that the decorated function makes for a thing."""

    def note(make_input: Callable[[Thing], Fields]) -> None:
        async def ask(_world: World, person: Person, thing: Thing) -> Answer:
            kind = f"{name[0].upper()}{name[1:]}Input"
            outline = (f"M($input: {kind}!)", "(input: $input)") if has_input else ("M", "")
            asked = "__typename ... on Refusal { code message path }"
            document = f"mutation {outline[0]} {{ {name}{outline[1]} {{ {asked} }} }}"
            key = {"clientKey": str(uuid4())} if name in MAKING else {}
            variables = {"input": key | make_input(thing)} if has_input else {}
            response = await person.api.post(document, **variables)
            answer = response.json()
            return _of_errors(answer) or _of_refusal(answer["data"][name], response.text)

        _note(f"Mutation.{name}", variant, Operation(about, ask, changes=changes, is_alone=is_alone))

    return note


def query(
    name: str, variant: str = "", *, about: Maker = nothing, is_alone: bool = False
) -> Callable[[Callable[[Thing], str]], None]:
    """Try a query whose arguments and selection the decorated function writes for a thing."""

    def note(write: Callable[[Thing], str]) -> None:
        async def ask(_world: World, person: Person, thing: Thing) -> Answer:
            response = await person.api.post(f"{{ {name}{write(thing)} }}")
            answer = response.json()
            is_shown = _tells(thing, response) if thing.marks else bool(answer["data"] and answer["data"][name])
            return _of_errors(answer) or Answer(SHOWN if is_shown else ABSENT, response.text)

        _note(f"Query.{name}", variant, Operation(about, ask, is_alone=is_alone))

    return note


def field(name: str, variant: str = "", *, about: Maker) -> Callable[[Callable[[Thing], str]], None]:
    """Try a field of a type, by a query with one root field that the decorated function writes for a thing."""

    def note(write: Callable[[Thing], str]) -> None:
        async def ask(_world: World, person: Person, thing: Thing) -> Answer:
            response = await person.api.post(f"{{ it: {write(thing)} }}")
            answer = response.json()
            missing = EMPTY if answer["data"] and answer["data"]["it"] else ABSENT
            return _of_errors(answer) or Answer(SHOWN if _tells(thing, response) else missing, response.text)

        _note(name, variant, Operation(about, ask))

    return note


def node(type_name: str, *, about: Maker, root: str = "node") -> Callable[[Callable[[Thing], str]], None]:
    """Try to see a thing by the id alone that the decorated function names, as one or as the first of several."""

    def note(id_of: Callable[[Thing], str]) -> None:
        async def ask(_world: World, person: Person, thing: Thing) -> Answer:
            given = f'id: "{id_of(thing)}"' if root == "node" else f'ids: ["{id_of(thing)}", "{NO_ID}"]'
            response = await person.api.post(f"{{ {root}({given}) {{ __typename id }} }}")
            answer = response.json()
            found = answer["data"][root] if answer["data"] else None
            shown = found[0] if found and root == "nodes" else found
            assert shown in (None, {"__typename": type_name, "id": id_of(thing)}), shown
            return _of_errors(answer) or Answer(SHOWN if shown else ABSENT, response.text)

        _note(f"Query.{root}", f"of type {type_name}", Operation(about, ask))

    return note


def subscription(name: str, *, about: Maker) -> Callable[[Callable[[Thing], str]], None]:
    """Try a subscription up to the first thing that comes of it."""

    def note(write: Callable[[Thing], str]) -> None:
        async def ask(world: World, person: Person, thing: Thing) -> Answer:
            authorization = f"Bearer {person.api.token}" if person.api.token else None
            context = Context(world.counter.tools, authorization)
            asked = Asked(f"subscription {{ {name}{write(thing)} }}")
            answer = await _first(asked, context)
            text = json.dumps(answer, ensure_ascii=False)
            return _of_errors(answer, text) or Answer(SHOWN, text)

        _note(f"Subscription.{name}", "", Operation(about, ask))

    return note


async def _first(asked: Asked, context: Context) -> Fields:
    try:
        begun = await begin(build_execution(), asked, context)
    except RequestError as error:
        return {"data": None, "errors": ERRORS.present(error.errors)}
    page = await begun.following.read(await context.viewer(), begun.following.start, None)
    return json.loads(await begun.rendering.render(page.events[0].value))


def http(
    method: str, path: str, *, about: Maker, body: bytes | None = None
) -> Callable[[Callable[[Thing], str]], None]:
    """Try a door for bytes, at the id, or with the query after a path without one, that is written for a thing."""

    def note(id_of: Callable[[Thing], str]) -> None:
        async def ask(_world: World, person: Person, thing: Thing) -> Answer:
            headers = {"authorization": f"Bearer {person.api.token}"} if person.api.token else {}
            address = path.replace("{id}", id_of(thing)) if "{id}" in path else path + id_of(thing)
            address = address.replace("{page}", "1")
            response = await person.api.http.request(method, address, content=body, headers=headers)
            text = f"{response.status_code} {sorted(response.headers.multi_items())} {response.content!r}"
            return Answer(_of_status(response), text)

        _note(f"{method} {path}", "", Operation(about, ask, changes=method == "PUT"))

    return note


def _note(name: str, variant: str, operation: Operation) -> None:
    full = f"{name} ({variant})" if variant else name
    assert full not in OPERATIONS, full
    OPERATIONS[full] = operation


def _tells(thing: Thing, response: httpx.Response) -> bool:
    return any(mark in response.text for mark in thing.marks)


def _of_errors(answer: Fields, text: str = "") -> Answer | None:
    for error in answer.get("errors", []):
        code = error["extensions"]["code"]
        is_absent = code.endswith("NOT_FOUND")
        return Answer(ABSENT if is_absent else code, text or json.dumps(answer, ensure_ascii=False))
    return None


def _of_refusal(shown: Fields, text: str) -> Answer:
    match shown["__typename"]:
        case "NotFound":
            return Answer(ABSENT, text)
        case kind if kind.endswith("Success"):
            return Answer(SHOWN, text)
        case _:
            return Answer(shown["code"], text)


def _of_status(response: httpx.Response) -> str:
    match response.status_code:
        case 200:
            return SHOWN
        case 404:
            return ABSENT
        case 401 if not response.content:
            return "NOT_SIGNED_IN"  # to HEAD, a status is all that is answered
        case 403 if not response.content:
            return "OUT_OF_SCOPE"
        case _:
            return response.json()["code"]
