"""The explorer asks nobody else, and its examples are documents that the schema knows."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from graphql import parse, validate

from resolvers.root import build_schema

EXPLORER = files("mesadepartes.pages").joinpath("explorer.html").read_text(encoding="utf-8")


def test_the_examples_of_the_explorer_are_valid() -> None:
    examples = [json.loads(f'"{found}"') for found in re.findall(r'": \["((?:[^"\\]|\\.)*)"', EXPLORER)]
    schema = build_schema()._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way to it

    assert len(examples) == 8
    assert [(example, validate(schema, parse(example))) for example in examples] == [(each, []) for each in examples]


def test_the_pages_load_nothing_from_elsewhere() -> None:
    for name in ("explorer.html", "landing.html"):
        page = files("mesadepartes.pages").joinpath(name).read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//|@import|url\(""", page), name
