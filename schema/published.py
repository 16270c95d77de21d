"""Closed lists that are defined in `rules` and published by the API."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

E = TypeVar("E", bound=type[Enum])


def publish(enum: E, description: str, values: Mapping[str, str]) -> E:
    """Publish an enumeration of `rules`, with what each of its values means."""
    published = strawberry.enum(enum, description=description)
    definition = published.__strawberry_definition__  # pyright: ignore[reportAttributeAccessIssue]
    for value in definition.values:
        value.description = values[value.name]
    return published
