"""The schema as clients see it: printed and read again, once for all tests that look at it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from graphql import build_schema

from resolvers.root import print_sdl

if TYPE_CHECKING:
    from graphql import GraphQLSchema


@cache
def printed_schema() -> GraphQLSchema:
    """Return it; whoever changes it changes it for all."""
    return build_schema(print_sdl())
