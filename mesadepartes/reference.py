"""The reference of the API, written from the schema: a page of all types, parts and codes, and the schema as SDL."""

from __future__ import annotations

import asyncio
import html
import re
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    print_ast,
)
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mesadepartes.page import answer_with, fill, read_page
from resolvers.refusing import codes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Institution

FOR_MINUTES = "public, max-age=300"

Part: TypeAlias = GraphQLField | GraphQLInputField | GraphQLArgument | GraphQLEnumValue

HEADINGS: Mapping[type[GraphQLNamedType], str] = {
    GraphQLInterfaceType: "Interfaces",
    GraphQLObjectType: "Types",
    GraphQLUnionType: "Unions",
    GraphQLInputObjectType: "Inputs",
    GraphQLEnumType: "Enumerations",
    GraphQLScalarType: "Scalars",
}


def reference_routes(sdl: Callable[[], str], institution: Institution) -> list[Route]:
    """Return the reference at `/api`, written beside the loop when first asked for, and the SDL beneath it."""
    words = {"name": institution.name, "unit": institution.unit, "url": institution.public_url}
    page = fill(read_page("reference.html"), words)

    async def serve_page(_request: Request) -> Response:
        response = answer_with(page.replace("{{body}}", await asyncio.to_thread(_written, sdl)))
        response.headers["cache-control"] = FOR_MINUTES
        return response

    async def serve_sdl(_request: Request) -> Response:
        return PlainTextResponse(await asyncio.to_thread(_kept, sdl), headers={"cache-control": FOR_MINUTES})

    return [Route("/api", serve_page), Route("/api/schema.graphql", serve_sdl)]


@cache
def _kept(sdl: Callable[[], str]) -> str:
    return sdl()


@cache
def _written(sdl: Callable[[], str]) -> str:
    return write_reference(build_schema(_kept(sdl)))


def write_reference(schema: GraphQLSchema) -> str:
    """Return the body of the page."""
    roots = [each for each in (schema.query_type, schema.mutation_type, schema.subscription_type) if each]
    others = [each for each in schema.type_map.values() if each not in roots and not each.name.startswith("__")]
    groups: dict[str, list[GraphQLNamedType]] = {each.name: [each] for each in roots}
    for kind, heading in HEADINGS.items():
        groups[heading] = sorted((each for each in others if isinstance(each, kind)), key=lambda each: each.name)
    return _contents(groups) + "".join(_group(heading, kinds) for heading, kinds in groups.items())


def _contents(groups: Mapping[str, list[GraphQLNamedType]]) -> str:
    listed = "".join(
        f'<li><a href="#{heading}-all">{heading}</a><ul>{"".join(_entries(heading, kinds))}</ul></li>\n'
        for heading, kinds in groups.items()
    )
    return f'<nav aria-label="Contents"><ul>\n{listed}</ul></nav>\n'


def _entries(heading: str, kinds: Iterable[GraphQLNamedType]) -> Iterable[str]:
    """Return what is listed under a heading: the operations of a root, or the types of a kind."""
    for kind in kinds:
        names = [kind.name] if heading in HEADINGS.values() else sorted(getattr(kind, "fields", {}))
        for name in names:
            anchor = name if name == kind.name else f"{kind.name}.{name}"
            yield f'<li><a href="#{anchor}">{name}</a></li>'


def _group(heading: str, kinds: Iterable[GraphQLNamedType]) -> str:
    return f'<h2 id="{heading}-all">{heading}</h2>\n{"".join(map(_section, kinds))}'


def _section(kind: GraphQLNamedType) -> str:
    parts: Mapping[str, Part] = getattr(kind, "fields", None) or getattr(kind, "values", {})
    listed = "".join(_part(f"{kind.name}.{name}", name, part) for name, part in parts.items())
    return (
        f'<section aria-labelledby="{kind.name}"><h3 id="{kind.name}">{kind.name}{_bases(kind)}</h3>\n'
        f"{_said(kind.description)}{_members(kind)}{_form(kind)}{_codes(kind)}"
        f"{f'<dl>{listed}</dl>' if listed else ''}</section>\n"
    )


def _bases(kind: GraphQLNamedType) -> str:
    bases = [_link(each.name) for each in getattr(kind, "interfaces", ())]
    return f' <span class="kind">implements {", ".join(bases)}</span>' if bases else ""


def _members(kind: GraphQLNamedType) -> str:
    if not isinstance(kind, GraphQLUnionType):
        return ""
    return f"<p>{' | '.join(_link(member.name) for member in kind.types)}</p>\n"


def _form(kind: GraphQLNamedType) -> str:
    url = getattr(kind, "specified_by_url", None)
    return f'<p>Specified by <a href="{html.escape(url)}">{html.escape(url)}</a>.</p>\n' if url else ""


def _codes(kind: GraphQLNamedType) -> str:
    """Return the codes that a refusal of this type may have, with what each means."""
    listed = "".join(
        f'<dt id="{kind.name}-{code}"><code>{code}</code></dt><dd>{_text(meaning)}</dd>\n'
        for code, meaning in sorted(codes_of(kind.name).items())
    )
    return f"<p>Its codes:</p><dl>{listed}</dl>\n" if listed else ""


def _part(anchor: str, name: str, part: Part) -> str:
    arguments: Mapping[str, GraphQLArgument] = getattr(part, "args", {})
    listed = "".join(_part(f"{anchor}.{each}", each, argument) for each, argument in arguments.items())
    shown = f": {_type(str(part.type))}{_default(part)}" if not isinstance(part, GraphQLEnumValue) else ""
    return (
        f'<dt id="{anchor}"><code>{name}</code>{shown}</dt>\n<dd>{_said(part.description)}{_gone(part)}'
        f"{f'<dl>{listed}</dl>' if listed else ''}{_answers(part)}</dd>\n"
    )


def _answers(part: Part) -> str:
    """Return what a mutation may be refused with."""
    union = get_named_type(part.type) if isinstance(part, GraphQLField) else None
    if not isinstance(union, GraphQLUnionType) or not union.name.endswith("Result"):
        return ""
    return f"<p>Answers with {', '.join(_link(member.name) for member in union.types)}.</p>"


def _default(part: GraphQLField | GraphQLInputField | GraphQLArgument) -> str:
    given = getattr(part.ast_node, "default_value", None)
    return f" = <code>{html.escape(print_ast(given))}</code>" if given else ""


def _gone(part: Part) -> str:
    reason = part.deprecation_reason
    return f'<p class="gone">Deprecated since {_text(reason)}</p>\n' if reason else ""


def _said(description: str | None) -> str:
    return f"<p>{_text(description)}</p>\n" if description else ""


def _text(words: str) -> str:
    """Return words as markup, what stands in back quotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(words.split())))


def _type(shown: str) -> str:
    return re.sub(r"\w+", lambda name: _link(name[0]), shown)


def _link(name: str) -> str:
    return f'<a href="#{name}">{name}</a>'
