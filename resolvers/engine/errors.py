"""What a client is told of errors: the one place where what nobody foresaw is masked."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, ValueNode
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

logger = logging.getLogger(__name__)

MOST_ERRORS = 3
MESSAGE_LENGTH = 300
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
INTERNAL_ERROR = "INTERNAL_ERROR"

NULL_GIVEN = "A variable is null, and given to an argument that must not be."

WRONG_OPERATION = (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError)
"""What Strawberry raises of a document before it is run; its words are fit for the client."""


@dataclass(frozen=True)
class Known:
    """An error that was foreseen, in words for the client."""

    code: str
    message: str
    path: tuple[str, ...] = ()
    retry_after_seconds: int | None = None


class RequestError(Exception):
    """The request is in no order, so nothing of it is run."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(*errors)
        self.errors = errors


@dataclass(frozen=True)
class ErrorPresenter:
    """
    Turns errors into what the client sees.

    `known` tells foreseen errors from others; `apology` makes the sentence that names an error's id.
    """

    known: Callable[[BaseException], Known | None]
    apology: Callable[[str], str]

    def present(self, errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
        """Return at most three errors as JSON; those that nobody foresaw are logged once and answered with an id."""
        return [self._one(error) for error in errors[:MOST_ERRORS]]

    def crash(self, error: BaseException) -> dict[str, Any]:
        """Return, as JSON, the error of a request that failed outside any field; it is logged."""
        return self._masked(error)

    def _one(self, error: GraphQLError) -> dict[str, Any]:
        cause = _cause_of(error)
        if cause is None and (error.path is None or "code" in (error.extensions or {})):
            return _located(error, _said_by_library(error))
        if cause is None and any(isinstance(node, ValueNode) for node in error.nodes or ()):
            # What a field fails with lies at the field, not at a value: this one could be seen only now.
            return _located(error, _said_by_library(GraphQLError(NULL_GIVEN)))
        if cause is not None and (known := self.known(cause)):
            return _located(error, _said_by_us(known))
        return _located(error, self._masked(cause or error))

    def _masked(self, error: BaseException) -> dict[str, Any]:
        error_id = secrets.token_hex(6)
        logger.error(
            "Unexpected error %s", error_id, exc_info=error, extra={"action": "unexpected_error", "error_id": error_id}
        )
        return {"message": self.apology(error_id), "extensions": {"code": INTERNAL_ERROR, "id": error_id}}


def _cause_of(error: GraphQLError) -> BaseException | None:
    """Return the error of our own that lies at the bottom; None if the library alone speaks."""
    cause: BaseException | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return None if isinstance(cause, WRONG_OPERATION) else cause


def _said_by_library(error: GraphQLError) -> dict[str, Any]:
    code = (error.extensions or {}).get("code", VALIDATION_FAILED)
    return {"message": error.message[:MESSAGE_LENGTH], "extensions": {"code": code}}


def _said_by_us(known: Known) -> dict[str, Any]:
    extensions: dict[str, Any] = {"code": known.code, "path": list(known.path)}
    if known.retry_after_seconds is not None:
        extensions["retryAfterSeconds"] = known.retry_after_seconds
    return {"message": known.message, "extensions": extensions}


def _located(error: GraphQLError, said: dict[str, Any]) -> dict[str, Any]:
    formatted: dict[str, Any] = {**error.formatted}
    return said | {name: formatted[name] for name in ("locations", "path") if formatted.get(name)}
