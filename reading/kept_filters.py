"""Filters as they are kept: of saved searches and exports, in JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from reading.filters import Filter
from rules.catalogue import Channel, DocumentKind
from rules.lifecycle import TramiteStatus
from rules.orders import OwnerChoice
from rules.people import IdentityKind


def kept_of(wanted: Filter) -> dict[str, Any]:
    """Return a filter as JSON keeps it: what is asked for, and nothing else."""
    return {name: _plain(value) for name, value in asdict(wanted).items() if value not in (None, ())}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [str(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value if isinstance(value, bool) else str(value)


_READ: dict[str, Callable[[Any], Any]] = {
    "document_kinds": lambda kept: tuple(map(DocumentKind, kept)),
    "statuses": lambda kept: tuple(map(TramiteStatus, kept)),
    "office_codes": tuple,
    "channel": Channel,
    "identity_kind": IdentityKind,
    "owner": OwnerChoice,
    "is_late": bool,
    "repeats_file": bool,
    **dict.fromkeys(("sent_from", "sent_to", "filed_from", "filed_to", "due_from", "due_to"), date.fromisoformat),
}
"""How what JSON keeps of a field becomes its value, of those that are no texts."""


def filter_of(kept: dict[str, Any]) -> Filter:
    """Return the filter that `kept_of` made so."""
    return Filter(**{name: _READ.get(name, str)(value) for name, value in kept.items()})
