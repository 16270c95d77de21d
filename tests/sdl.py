"""The schema as those read it who have only its text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from graphql import build_schema

from resolvers.root import print_sdl

if TYPE_CHECKING:
    from graphql import GraphQLSchema


@cache
def published_schema() -> GraphQLSchema:
    """Return what `schema.graphql` describes; built once, for that takes a second."""
    return build_schema(print_sdl())
