"""Cursors are signed at the door: below it there are places in lists, outside there are cursors."""

from __future__ import annotations

from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from strawberry.extensions import FieldExtension

if TYPE_CHECKING:
    from strawberry.types.base import StrawberryObjectDefinition
    from strawberry.types.field import StrawberryField

    from resolvers.context import Info

ARGUMENTS = ("after", "before")
"""Arguments of a list that hold a cursor."""


class SignedCursors(FieldExtension):
    """Reads the cursors that a list is asked with, and signs those of the page, each for the list of that name."""

    async def resolve_async(self, next_: Any, source: Any, info: Info, **arguments: Any) -> Any:
        """Let the field be asked with places, and let its page be shown with cursors."""
        cursors, name = info.context.tools.cursors, info.field_name
        for argument in ARGUMENTS:
            if arguments.get(argument) is not None:
                arguments[argument] = cursors.place_in(name, arguments[argument], argument=argument)
        found = next_(source, info, **arguments)
        page = await found if isawaitable(found) else found
        for edge in page.edges:
            edge.cursor = cursors.sign(name, edge.cursor)
        if page.edges:
            page.page_info.start_cursor, page.page_info.end_cursor = page.edges[0].cursor, page.edges[-1].cursor
        return page


def sign_cursors(root: type) -> None:
    """Let all lists of a *root* be asked with cursors, and shown with cursors, that are signed."""
    definition: StrawberryObjectDefinition = root.__strawberry_definition__  # pyright: ignore[reportAttributeAccessIssue]
    for field in definition.fields:
        if is_list(field):
            field.extensions = [SignedCursors(), *field.extensions]


def is_list(field: StrawberryField) -> bool:
    """Say whether a field is a connection."""
    shown = getattr(field.type, "__strawberry_definition__", None)
    return shown is not None and shown.name.endswith("Connection")
