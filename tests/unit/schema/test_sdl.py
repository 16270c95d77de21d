"""The committed schema is what the code says, and says everything in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

import schema
from resolvers.root import print_sdl

COMMITTED = Path(schema.__file__).with_name("schema.graphql")


def test_committed_schema_is_what_the_code_says() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == print_sdl(), "print it anew: python -m mesadepartes sdl"


def parts_of(built: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    for name, kind in built.type_map.items():
        if name.startswith("__") or name in ("Int", "String", "Boolean", "ID", "Float"):
            continue
        yield name, kind
        if isinstance(kind, GraphQLEnumType):
            yield from ((f"{name}.{value}", each) for value, each in kind.values.items())
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field
                for argument, each in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument})", each


def test_everything_is_described() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))

    assert [name for name, part in parts_of(built) if not part.description] == []


def test_every_mutation_answers_with_one_success_and_refusals_that_share_the_interface() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    assert built.mutation_type is not None
    refusal = built.type_map["Refusal"]
    for name, field in built.mutation_type.fields.items():
        union = getattr(field.type, "of_type", field.type)
        assert isinstance(union, GraphQLUnionType), name
        assert union.name == f"{name[0].upper()}{name[1:]}Result"
        others = [member for member in union.types if refusal not in member.interfaces]
        assert [member.name for member in others] == [f"{name[0].upper()}{name[1:]}Success"]


def test_mutations_take_one_input() -> None:
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    assert built.mutation_type is not None

    assert {
        name: list(field.args) for name, field in built.mutation_type.fields.items() if list(field.args) != ["input"]
    } == {"signOut": [], "endOtherSessions": [], "stopAccountClosure": [], "retryTexts": []}


def test_what_has_an_id_is_a_node_and_every_id_that_is_told_is_an_id() -> None:
    """Else: two types would be one object to clients that keep objects by their ids (Relay)."""
    built = build_schema(COMMITTED.read_text(encoding="utf-8"))
    node = built.type_map["Node"]
    kinds = [kind for kind in built.type_map.values() if isinstance(kind, GraphQLObjectType)]

    assert [kind.name for kind in kinds if "id" in kind.fields and node not in kind.interfaces] == []
    assert [
        f"{kind.name}.{name}"
        for kind in kinds
        for name, field in kind.fields.items()
        if str(field.type).rstrip("!") == "UUID"
    ] == []


GLOSSARY = (
    (Path(schema.__file__).parents[1] / "docs" / "glossary.md").read_text("utf-8").split("## Words of the house")[0]
)
MEANT: Mapping[str, str] = {
    "ANSWER": "AttachmentRole",
    "FILE": "Act",
    "PENDING": "TramiteStatus",
    "condition": "Taxpayer",
    "limits": "ReceiptCheck",
    "number": "(?!TramiteVersion)",
    "receivedAt": "Tramite",
    "register": "Mutation",
    "state": "Taxpayer",
    "text": "ReferTramiteInput",
    "version": "Attachment|Receipt|Tramite",
}
"""Names that mean other things elsewhere: where they mean what the glossary says."""


def legal_terms() -> Mapping[str, list[str]]:
    """Return, by the name of what carries them in the API, the Spanish terms of the glossary's tables."""
    terms: dict[str, list[str]] = {}
    for line in GLOSSARY.split("## Words of the house")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or set(cells[0]) <= set("-–"):
            continue
        # Of «`Attachment`, role MAIN» and «`Receipt` of kind VOIDING» the last alone is meant.
        code = re.sub(r"`\w+`,? (?:role|of kind) ", "", cells[1])
        for name in re.findall(r"`(\w+)`", code) + re.findall(r"\b[A-Z][A-Z_]{2,}\b", code):
            camel = re.sub(r"_(\w)", lambda found: found[1].upper(), name) if name.islower() else name
            terms.setdefault(camel, []).extend(re.sub(r"\(.*?\)", "", cells[0]).split(","))
    return terms


def carries(description: str, term: str) -> bool:
    """Tell whether a description has all words of a term, in whatever form."""
    return all(word[:4] in description.lower() for word in re.findall(r"\w{3,}", term.lower()))


def test_what_has_a_legal_term_in_spanish_says_it() -> None:
    """Else: the term of docs/glossary.md in parentheses, in the description."""
    built, terms = build_schema(COMMITTED.read_text(encoding="utf-8")), legal_terms()
    named = [(name, re.split(r"\W+", name.rstrip(")"))[-1], part) for name, part in parts_of(built)]
    meant = [each for each in named if each[1] in terms and re.match(MEANT.get(each[1], ""), each[0])]

    assert [
        name for name, last, part in meant if not any(carries(part.description, term) for term in terms[last])
    ] == []
    assert len(meant) > 200
