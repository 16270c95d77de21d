"""One operation from its text to the bytes of its answer: prepared once, run each time, whatever door it came by."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import execute_root_selection_set
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.engine.limits import TOKENS, find_excess, is_nested_too_deep, too_complex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ASTValidationRule, GraphQLSchema
    from graphql.execution import Executor
    from strawberry import Schema

    from resolvers.engine.errors import ErrorPresenter

MOST_DOCUMENTS = 1_000
MOST_TOKENS = 60_000
"""How many tokens all documents that are kept may have together; parsed, each takes about a kilobyte."""

BAD_REQUEST = "BAD_REQUEST"
QUERIES = frozenset({OperationType.QUERY})
QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for: a document, or the id of one that is trusted, and with which variables."""

    query: str | None = None
    document_id: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer as JSON; `code` is that of its first error."""

    body: bytes
    is_request_error: bool = False
    """Whether nothing was run, and the answer has no `data`."""
    code: str | None = None
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An operation that was found in order: within limits, and valid."""

    digest: str
    """SHA-256 of the document's text, in hexadecimal digits: its id, if it is trusted."""
    document: DocumentNode
    operation: OperationDefinitionNode
    name: str | None

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.operation.operation


class RequestError(Exception):
    """The request is in no order, so nothing of it is run."""

    def __init__(self, *errors: GraphQLError) -> None:
        super().__init__(*errors)
        self.errors = errors


class Execution:
    """Runs operations on a schema; what a document must be found to be, it is found once."""

    def __init__(
        self, schema: Schema, errors: ErrorPresenter, *, rules: Sequence[type[ASTValidationRule]] = ()
    ) -> None:
        self.errors = errors
        self._schema: GraphQLSchema = schema._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way
        self._executor: type[Executor[Any]] = schema.execution_context_class
        self._rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, *rules)
        self._documents = Documents()

    async def answer(self, asked: Asked, context: Any, *, kinds: frozenset[OperationType]) -> Answer:
        """Run one query or mutation, if it is of *kinds*; whatever goes wrong is part of the answer."""
        prepared = None
        try:
            prepared = self.prepare(asked)
            _check_kind(prepared, kinds)
            result = await self._run(self.executor(prepared, asked, context))
        except RequestError as error:
            said = self.errors.present(error.errors)
            return Answer(encode({"errors": said}), is_request_error=True, code=_code(said), prepared=prepared)
        said = self.errors.present(result.errors) if result.errors else []
        body = encode({"data": result.data, "errors": said} if said else {"data": result.data})
        return Answer(body, code=_code(said), prepared=prepared)

    def prepare(self, asked: Asked) -> Prepared:
        """
        Return the operation that is asked for, which is in order.

        Raises:
            RequestError: it is not.
        """
        if not asked.query:
            raise _bad_request("The query must not be empty.")
        digest, document = self._document(asked.query)
        operation = get_operation_ast(document, asked.operation_name)
        if operation is None:
            raise _bad_request("The document has no such operation, or several and none is named.")
        return Prepared(digest, document, operation, operation.name.value if operation.name else None)

    def _document(self, text: str) -> tuple[str, DocumentNode]:
        digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
        document = self._documents.get(digest)
        if document is None:
            document = self._judged(text)
            self._documents.keep(digest, document)
        return digest, document

    def _judged(self, text: str) -> DocumentNode:
        if is_nested_too_deep(text):
            raise RequestError(too_complex("nesting"))
        try:
            document = parse(text, max_tokens=TOKENS)
        except GraphQLSyntaxError as error:
            raise RequestError(error) from error
        if (excess := find_excess(document)) is not None:
            raise RequestError(excess)
        if errors := validate(self._schema, document, self._rules, hide_suggestions=True):
            raise RequestError(*errors)
        return document

    def executor(self, prepared: Prepared, asked: Asked, context: Any) -> Executor[Any]:
        """
        Return what runs an operation with its variables.

        Raises:
            RequestError: the variables are in no order.
        """
        built = self._executor.build(
            self._schema,
            prepared.document,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
            is_awaitable=optimized_is_awaitable,  # pyright: ignore[reportArgumentType]
            hide_suggestions=True,
        )
        if isinstance(built, list):
            raise RequestError(*built)
        return built

    async def _run(self, executor: Executor[Any]) -> ExecutionResult:
        result = execute_root_selection_set(executor)
        return await result if isawaitable(result) else result


class Documents:
    """Parsed documents that were found in order, the most recent ones: front ends send the same few all day."""

    def __init__(self, *, most: int = MOST_DOCUMENTS, most_tokens: int = MOST_TOKENS) -> None:
        self._most, self._most_tokens = most, most_tokens
        self._kept = OrderedDict[str, DocumentNode]()
        self._tokens = 0

    def get(self, digest: str) -> DocumentNode | None:
        """Return the document of that digest, if it is known; asking keeps it among the recent ones."""
        document = self._kept.get(digest)
        if document is not None:
            self._kept.move_to_end(digest)
        return document

    def keep(self, digest: str, document: DocumentNode) -> None:
        """Keep a document, and forget those that were not asked for for longest, as many as are too many."""
        self._kept[digest] = document
        self._tokens += document.token_count
        while len(self._kept) > self._most or self._tokens > self._most_tokens:
            self._tokens -= self._kept.popitem(last=False)[1].token_count


def encode(answer: object) -> bytes:
    """Return an answer as JSON, the same whichever way it was made."""
    return orjson.dumps(answer)


def _check_kind(prepared: Prepared, kinds: frozenset[OperationType]) -> None:
    if prepared.kind not in kinds:
        raise _bad_request(_ELSEWHERE[prepared.kind])


_ELSEWHERE = {
    OperationType.QUERY: "Queries are not served here; send them by POST.",
    OperationType.MUTATION: "Mutations are not served here; send them by POST.",
    OperationType.SUBSCRIPTION: "Subscriptions are served over WebSocket, with graphql-transport-ws.",
}


def _bad_request(message: str) -> RequestError:
    return RequestError(GraphQLError(message, extensions={"code": BAD_REQUEST}))


def _code(said: Sequence[dict[str, Any]]) -> str | None:
    return said[0]["extensions"]["code"] if said else None
