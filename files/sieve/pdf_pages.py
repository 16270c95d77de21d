"""The pages of an opened PDF, counted within bounds; and the fields that are still to be filled in."""

from __future__ import annotations

from typing import Any, Final

import pikepdf

MOST_PAGES: Final = 5000
_MOST_COUNTED: Final = 20_000
_MOST_FIELDS: Final = 5000

_READ_ONLY: Final = 1
_PUSH_BUTTON: Final = 1 << 16


def count_pages(root: Any) -> int | None:
    """Return how many pages there are; None if they are too many to count, or turn in a circle."""
    waiting, seen, pages, looked_at = [root.get("/Pages")], set[tuple[int, int]](), 0, 0
    while waiting:
        kids = _kids_of(waiting.pop())
        for kid in kids:
            looked_at += 1
            if looked_at > _MOST_COUNTED:
                return None
            if not isinstance(kid, pikepdf.Dictionary):
                continue
            if "/Kids" not in kid:
                pages += 1
            elif kid.objgen in seen:
                return None
            else:
                seen.add(kid.objgen)
                waiting.append(kid)
    return pages


def _kids_of(node: Any) -> Any:
    kids = node.get("/Kids") if isinstance(node, pikepdf.Dictionary) else None
    return kids if isinstance(kids, pikepdf.Array) else ()


def has_fields_to_fill(form: Any) -> bool:
    """Say whether somebody can still write into the form, or choose; what a signature stands in is no such field."""
    fields = form.get("/Fields")
    waiting = [(field, "", 0) for field in _bounded(fields)]
    looked_at = 0
    while waiting and looked_at < _MOST_FIELDS:
        looked_at += 1
        field, kind, flags = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary):
            continue
        kind, flags = _own(field, kind, flags)
        kids = _bounded(field.get("/Kids"))
        waiting += [(kid, kind, flags) for kid in kids]
        if not kids and _is_to_fill(kind, flags):
            return True
    return False


def _own(field: Any, kind: str, flags: int) -> tuple[str, int]:
    """Return what a field says of itself, or else what it has from the one above."""
    own_kind, own_flags = field.get("/FT"), field.get("/Ff")
    return (
        str(own_kind) if isinstance(own_kind, pikepdf.Name) else kind,
        own_flags if isinstance(own_flags, int) else flags,
    )


def _is_to_fill(kind: str, flags: int) -> bool:
    if flags & _READ_ONLY:
        return False
    return kind in ("/Tx", "/Ch") or (kind == "/Btn" and not flags & _PUSH_BUTTON)


def _bounded(items: Any) -> list[Any]:
    if not isinstance(items, pikepdf.Array):
        return []
    return [items[index] for index in range(min(len(items), _MOST_FIELDS))]
