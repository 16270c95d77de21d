"""GraphiQL asks nobody else, its examples are documents that the schema knows, and its files are upstream's own."""

from __future__ import annotations

import hashlib
import json
import re

from graphql import GraphQLSchema, parse, validate

from mesadepartes.graphiql import FOLDER, SERVED, VENDOR
from resolvers.root import build_schema

OWN = ("landing.html", "verification.html")


def test_the_examples_are_valid() -> None:
    examples = json.loads((FOLDER / "examples.json").read_text(encoding="utf-8"))
    schema: GraphQLSchema = build_schema()._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way

    found = [(each["query"], validate(schema, parse(each["query"]))) for each in examples]

    assert len(examples) == 9
    assert found == [(query, []) for query, _ in found]
    assert all(isinstance(json.loads(each["variables"] or "{}"), dict) for each in examples)


def test_the_pages_load_nothing_from_elsewhere() -> None:
    pages = [FOLDER / "page.html", FOLDER / "page.js", FOLDER / "page.css", *(FOLDER / ".." / own for own in OWN)]

    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href|fetch)\s*[=(]\s*["'](?:https?:)?//|@import|url\(""", text), page


def test_all_that_the_page_names_is_served() -> None:
    text = (FOLDER / "page.html").read_text(encoding="utf-8") + (FOLDER / "page.js").read_text(encoding="utf-8")

    assert set(re.findall(r"/graphiql/([\w.\-]+)", text)) == SERVED.keys()


def test_vendored_files_are_upstreams_own() -> None:
    for row in json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8")):
        content = (VENDOR / row["file"].rpartition("/")[2]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"], row["file"]
