"""Fields with a description, declared in one line each."""

from typing import Any

import strawberry


def says(text: str) -> Any:
    """Return a plain field that is described by *text*."""
    return strawberry.field(description=text)


def optional(text: str) -> Any:
    """Return a plain field of an input that may be left out; it is described by *text*."""
    return strawberry.field(description=text, default=None)


def takes(text: str) -> Any:
    """Return the annotation of a mutation's one argument, `input`, which is described by *text*."""
    return strawberry.argument(name="input", description=text)
