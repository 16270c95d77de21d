"""Refusals become data: a member of the field's union, or an error with its code where a field has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asyncpg import QueryCanceledError

from actions.storing import refusal_of
from files.store import StoreUnavailable
from resolvers.engine.errors import ErrorPresenter, Known
from rules import refusals as rules
from rules.operations import OperationTimedOut
from rules.revisions import TramiteChanged
from schema import refusals as api

INPUT = "input"
"""The one argument of every mutation; the paths of refusals are said from there."""


class RefusalHandler:
    """Turns one family of refusals, or a store that cannot be used, into its API type."""

    def __init__(self, exception_type: type[rules.Refusal | StoreUnavailable], error_type: type[api.Refusal]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(self, exception: rules.Refusal | StoreUnavailable, *, field: Any, info: Any) -> api.Refusal:
        """Return the refusal as the API shows it."""
        exception = refusal_of(exception)
        more: dict[str, Any] = {}
        if isinstance(exception, rules.InvalidInput):
            more["others"] = [api.Problem(**said(other)) for other in exception.others]
        if isinstance(exception, rules.TooManyRequests):
            more["retry_after_seconds"] = exception.retry_after_seconds
        if isinstance(exception, TramiteChanged):
            more["revision"] = exception.revision
            more["changes"] = [
                api.TramiteChange(act=each.act, at=each.at, actor_role=each.role) for each in exception.changes
            ]
        return self.error_type(**said(exception), **more)


def said(refusal: rules.Refusal) -> dict[str, Any]:
    """Return what all refusals tell, by the names of the API."""
    path = [INPUT, *refusal.path] if refusal.path else []
    return {"code": refusal.code, "message": refusal.message, "path": path}


HANDLERS = [
    RefusalHandler(rules.InvalidInput, api.InvalidInput),
    RefusalHandler(rules.NotSignedIn, api.NotSignedIn),
    RefusalHandler(rules.NotAllowed, api.NotAllowed),
    RefusalHandler(rules.NotFound, api.NotFound),
    RefusalHandler(rules.WrongStep, api.WrongStep),
    RefusalHandler(TramiteChanged, api.TramiteChanged),
    RefusalHandler(rules.Conflict, api.Conflict),
    RefusalHandler(rules.TooManyRequests, api.TooManyRequests),
    RefusalHandler(StoreUnavailable, api.TooManyRequests),
]


def codes_of(type_name: str) -> dict[str, str]:
    """Return the codes of all refusals that the API shows as that type, each with what it means."""
    families = {handler.exception_type: handler.error_type.__name__ for handler in HANDLERS}
    return {
        refusal.code: (refusal.__doc__ or "").strip().split("\n\n")[0]
        for refusal in _all_below(rules.Refusal)
        if next((families[each] for each in refusal.__mro__ if each in families), None) == type_name
    }


def _all_below(refusal: type[rules.Refusal]) -> Iterator[type[rules.Refusal]]:
    for each in refusal.__subclasses__():
        yield each
        yield from _all_below(each)


def _known(error: BaseException) -> Known | None:
    if isinstance(error, QueryCanceledError) or isinstance(error.__cause__, QueryCanceledError):
        error = OperationTimedOut()
    if not isinstance(error, rules.Refusal | StoreUnavailable):
        return None
    refusal = refusal_of(error)
    wait = refusal.retry_after_seconds if isinstance(refusal, rules.TooManyRequests) else None
    return Known(refusal.code, refusal.message, refusal.path, wait)


def _apology(error_id: str) -> str:
    return f"Ocurrió un error inesperado. Comuníquese con la mesa de partes e indique el código {error_id}."


ERRORS = ErrorPresenter(_known, _apology)
