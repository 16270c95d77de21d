"""What the pages' operations become, and which operations are refused."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from graphql import build_schema, parse, validate

from mesadepartes.client_calls import (
    CALLS,
    FIRST,
    FIRST_CALLS,
    FIRST_TYPES,
    TRUSTED,
    TYPES,
    WrongOperations,
    written_files,
)

if TYPE_CHECKING:
    from pathlib import Path

SDL = """
interface Refusal { code: String! message: String! }
type NotFound implements Refusal { code: String! message: String! }
type Conflict implements Refusal { code: String! message: String! }
type Kept { thing: Thing! }
type Thing { id: ID! parts: [Part!]! size: Int old: String @deprecated(reason: "2026-01-01: use size.") }
type Part { name: String! count: Int! }
union KeepResult = Kept | NotFound | Conflict
enum Colour { RED GREEN }
input KeepInput { name: String! colour: Colour = RED inside: KeepInput }
type Mutation { keep(input: KeepInput!): KeepResult! }
type Query { thing(id: ID!, last: Int! = 20): Thing }
"""
KEEP = """
fragment Refused on Refusal { code message }
fragment Parts on Thing { parts { name } }
mutation Keep($input: KeepInput!) {
  keep(input: $input) { __typename ...Refused ... on Kept { thing { id ...Parts parts { count } } } }
}
"""
THING = "query Thing($id: ID!, $last: Int! = 5) { thing(id: $id, last: $last) { size } }"


def written(folder: Path, *documents: str) -> dict[str, str]:
    """Return what follows from documents in files of their own."""
    for at, document in enumerate(documents):
        (folder / f"{at}.graphql").write_text(document, encoding="utf-8")
    return written_files(folder, SDL)


def test_a_document_is_trusted_with_the_fragments_that_it_uses_and_no_others(tmp_path: Path) -> None:
    files = written(tmp_path, KEEP, THING)

    trusted = json.loads(files[TRUSTED])
    assert all(hashlib.sha256(text.encode()).hexdigest() == name for name, text in trusted.items())
    assert all(validate(build_schema(SDL), parse(text)) == [] for text in trusted.values())
    [name] = [name for name, text in trusted.items() if text.startswith("query Thing")]
    assert "fragment" not in trusted[name]
    assert f"export const Thing = {{ name: 'Thing', kind: 'query', id: '{name}' }};" in files[CALLS]


def test_types_tell_members_of_a_union_apart_and_join_what_is_selected_twice(tmp_path: Path) -> None:
    types = written(tmp_path, KEEP, THING)[TYPES]

    assert (
        "export declare const Keep: Operation<{ input: KeepInput }, { keep: "
        '{ __typename: "Kept"; thing: { id: string; parts: Array<{ name: string; count: number }> } } | '
        '{ __typename: "NotFound" | "Conflict"; code: string; message: string } }>;\n'
    ) in types
    assert "Thing: Operation<{ id: string; last?: number }, { thing: { size: number | null } | null }>;\n" in types
    assert "export interface KeepInput { name: string; colour?: Colour | null; inside?: KeepInput | null }\n" in types
    assert 'export type Colour = "RED" | "GREEN";\n' in types


def test_what_every_visit_asks_has_a_module_of_its_own(tmp_path: Path) -> None:
    (tmp_path / FIRST).write_text(THING, encoding="utf-8")

    files = written(tmp_path, KEEP)

    assert "const Thing" in files[FIRST_CALLS]
    assert "const Keep" not in files[FIRST_CALLS]
    assert "export { Thing } from './api.gen.js';\n" in files[FIRST_TYPES]
    # Who asks the rest finds it all in one place.
    assert "export * from './session.gen.js';\nexport const Keep" in files[CALLS]
    assert "const Thing" not in files[CALLS]
    assert "const Thing" in files[TYPES]
    assert "query Thing" in files[TRUSTED]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("query Thing { thing(id: 1) { sise } }", "Cannot query field 'sise'"),
        ("query Thing { thing(id: 1) { old } }", "deprecated"),
        ("{ thing(id: 1) { size } }", "no name"),
        ("fragment Idle on Thing { id } query Thing { thing(id: 1) { size } }", "never used"),
        ("query A($id: ID!) { thing(id: $id) { size } } query A { thing(id: 1) { size } }", "only one operation named"),
    ],
)
def test_an_operation_that_does_not_fit_is_refused(tmp_path: Path, document: str, reason: str) -> None:
    with pytest.raises(WrongOperations, match=reason):
        written(tmp_path, document)
