"""What is asked of an execution, what it finds of that, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphql import DocumentNode, OperationDefinitionNode, OperationType

    from resolvers.engine.costs import Cost
    from resolvers.engine.plans.planning import Readable


@dataclass(slots=True)
class Asked:
    """What a client asks for: a document, or the id of one that is trusted, and with which variables."""

    query: str | None = None
    document_id: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    wants_cost: bool = False
    """Whether the answer is to say what it cost."""


@dataclass(frozen=True, eq=False)
class Trust:
    """Trusted documents by the SHA-256 of their text, in hexadecimal digits; and whether none but those are run."""

    documents: Mapping[str, str] = field(default_factory=dict[str, str])
    is_required: bool = False


@dataclass(slots=True)
class Answer:
    """The whole answer as JSON; `code` is that of its first error."""

    body: bytes
    is_request_error: bool = False
    """Whether nothing was run, and the answer has no `data`."""
    code: str | None = None
    prepared: Prepared | None = None
    error_id: str | None = None
    """That of its first error, if nobody foresaw it."""
    retry_after_seconds: int | None = None
    """When to come back, if it was refused for its haste."""
    is_planned: bool = False
    """Whether it was read by plans."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that was found in order: within limits, and valid."""

    digest: str
    """SHA-256 of the document's text, in hexadecimal digits: its id, if it is trusted."""
    document: DocumentNode
    operation: OperationDefinitionNode
    name: str | None
    cost: Cost
    readable: Readable | None = None
    """The same as it may be read by plans."""
    is_trusted: bool = False
    """Whether its document is one that was agreed on."""

    kind: OperationType = field(init=False)
    """Whether it is a query, a mutation or a subscription."""
    kind_name: str = field(init=False)

    def __post_init__(self) -> None:
        """Say of which kind it is, once for all who ask."""
        object.__setattr__(self, "kind", self.operation.operation)
        object.__setattr__(self, "kind_name", self.operation.operation.value)


def encode(answer: object) -> bytes:
    """Return an answer as JSON, the same whichever way it was made."""
    return orjson.dumps(answer)


def answered(
    body: dict[str, Any], said: Sequence[dict[str, Any]], *, prepared: Prepared | None, is_request_error: bool = False
) -> Answer:
    """Return an answer with what was *said* of its errors; its code is that of the first."""
    told = said[0]["extensions"] if said else {}
    more = told.get("id"), told.get("retryAfterSeconds")
    return Answer(encode(body), is_request_error, told.get("code"), prepared, *more)
