"""Fields with a description, declared in one line each."""

from typing import Any

import strawberry


def says(text: str) -> Any:
    """Return a plain field that is described by *text*."""
    return strawberry.field(description=text)


def asks_once() -> Any:
    """Return the field of an input by which what it makes is made once, however often it is sent."""
    return strawberry.field(
        description="Made anew by the client for each thing that it wants made (clave de envío): the same again with "
        "the same key within 30 days gives the same answer, and another input with that key is refused "
        "(CLIENT_KEY_REUSED)."
    )


def optional(text: str) -> Any:
    """Return a plain field of an input that may be left out; it is described by *text*."""
    return strawberry.field(description=text, default=None)


def takes(text: str) -> Any:
    """Return the annotation of a mutation's one argument, `input`, which is described by *text*."""
    return strawberry.argument(name="input", description=text)
