"""One operation from its text to the bytes of its answer: prepared once, run each time, whatever door it came by."""

from __future__ import annotations

from inspect import isawaitable
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    get_operation_ast,
    specified_rules,
)
from graphql.execution import create_source_event_stream, execute_root_selection_set
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.engine.documents import Documents, Kept, digest_of
from resolvers.engine.errors import MOST_ERRORS, RequestError
from resolvers.engine.judging import WRONG_VARIABLES, Judge
from resolvers.engine.limits import find_excess_in_values
from resolvers.engine.observing import Observed, running
from resolvers.engine.operations import Answer, Asked, Prepared, Trust, answered, encode
from resolvers.engine.plans.planning import Failed
from resolvers.engine.scanning import too_complex
from resolvers.engine.terms import Terms
from resolvers.engine.timing import TimeLimit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from graphql import ASTValidationRule, GraphQLSchema
    from graphql.execution import Executor
    from strawberry import Schema

    from resolvers.engine.errors import ErrorPresenter
    from resolvers.engine.plans.planning import Plans

T = TypeVar("T")

BAD_REQUEST = "BAD_REQUEST"
UNTRUSTED_DOCUMENT = "UNTRUSTED_DOCUMENT"
UNTRUSTED = "Only documents that were agreed on are answered here; this is none of them."
QUERIES = frozenset({OperationType.QUERY})
SUBSCRIPTIONS = frozenset({OperationType.SUBSCRIPTION})
QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Execution:
    """Runs operations on a schema; what a document must be found to be, it is found once."""

    def __init__(
        self,
        schema: Schema,
        errors: ErrorPresenter,
        *,
        rules: Sequence[type[ASTValidationRule]] = (),
        terms: Terms | None = None,
        plans: Plans | None = None,
        trust: Trust | None = None,
    ) -> None:
        """
        Make what runs operations, those of trusted documents being prepared at once.

        Raises:
            RequestError: a trusted document is in no order.
        """
        self.errors = errors
        self._terms = terms or Terms()
        self._schema: GraphQLSchema = schema._schema  # pyright: ignore[reportPrivateUsage] - Strawberry has no other way
        self._executor: type[Executor[Any]] = schema.execution_context_class
        rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, *rules)
        self._judge = Judge(self._schema, rules, self._terms)
        self._plans = plans
        self._documents = Documents()
        self._trust = trust or Trust()
        trusted = self._trust.documents.items()
        self._trusted = {digest: Kept(digest, self._judge.judge(text, is_trusted=True)) for digest, text in trusted}

    async def answer(self, asked: Asked, context: Any, *, kinds: frozenset[OperationType]) -> Answer:
        """Run one query or mutation, if it is of *kinds*; whatever goes wrong is part of the answer."""
        if (note := self._terms.observer) is None:
            return await self._answer(asked, context, kinds, None)
        observed = Observed()
        observed.began = perf_counter()
        running.set(observed)
        answer = await self._answer(asked, context, kinds, observed)
        observed.prepared, observed.is_planned = answer.prepared, answer.is_planned
        if answer.code is not None:
            observed.code, observed.error_id = answer.code, answer.error_id
        note(observed)
        return answer

    async def _answer(
        self, asked: Asked, context: Any, kinds: frozenset[OperationType], observed: Observed | None
    ) -> Answer:
        prepared = None
        try:
            prepared = await self.prepare_for(asked, context)
            _check_kind(prepared, kinds)
            if observed is not None:
                observed.prepared_at = perf_counter()
            result = await self._in_time(prepared, asked, context, observed)
        except RequestError as error:
            said = self.errors.present(error.errors)
            return answered({"errors": said}, said, is_request_error=True, prepared=prepared)
        if observed is not None:
            observed.ran_at = perf_counter()
        if isinstance(result, bytes):
            return self._read(result, asked, prepared)
        said = self.errors.present(result.errors) if result.errors else []
        body: dict[str, Any] = {"data": result.data, "errors": said} if said else {"data": result.data}
        if asked.wants_cost:
            body["extensions"] = self._cost(asked, prepared)
        answer = answered(body, said, prepared=prepared)
        if observed is not None:
            observed.encoded_at = perf_counter()
        return answer

    def _read(self, data: bytes, asked: Asked, prepared: Prepared) -> Answer:
        """Return the answer of which plans have written the data."""
        more = b',"extensions":' + encode(self._cost(asked, prepared)) if asked.wants_cost else b""
        return Answer(b'{"data":' + data + more + b"}", prepared=prepared, is_planned=True)

    def _cost(self, asked: Asked, prepared: Prepared) -> dict[str, Any]:
        return {"cost": {"points": prepared.cost.at(asked.variables), "most": self._terms.most_cost}}

    async def _in_time(
        self, prepared: Prepared, asked: Asked, context: Any, observed: Observed | None
    ) -> ExecutionResult | bytes:
        """
        Run an operation, or give it up when its time is over: what it waits for is cancelled, down to the statement.

        A mutation that is cut off is rolled back, unless it was just being committed: then its answer is lost, and
        whoever asks again with the same key is told what became of it.
        """
        deadline = TimeLimit(self._terms.seconds)
        try:
            with deadline:
                return await self._run(prepared, asked, context, observed)
        except Failed as error:
            said = GraphQLError(str(error), path=[error.key], original_error=error.__cause__)  # pyright: ignore[reportArgumentType]
            return ExecutionResult(None, [said])
        except TimeoutError:
            if not deadline.has_expired:
                raise
            return ExecutionResult(None, [self._timed_out()])

    async def _run(
        self, prepared: Prepared, asked: Asked, context: Any, observed: Observed | None
    ) -> ExecutionResult | bytes:
        """Admit an operation, and read its data by plans, or else run it plainly, from the start."""
        plans, readable, points = self._plans, prepared.readable, prepared.cost.at(asked.variables)
        seat = scene = data = lease = None
        try:
            try:
                if plans and readable:
                    lease = plans.lease()
                    scene = await plans.scene(context, lease)
                # Who pays is found by what was lent, too.
                seat = await self._terms.admit(context, points)
                if observed is not None:
                    observed.cost, observed.admitted_at = points, perf_counter()
                if plans and readable and lease and scene is not None:
                    data = await plans.data(readable, asked.variables, context, scene, lease)
            finally:
                if lease is not None:
                    if observed is not None:
                        observed.statements += len(lease.asked)
                        observed.texts = lease.asked + observed.texts
                    await lease.give_back(is_sound=data is not None)
            return await self._run_plainly(prepared, asked, context) if data is None else data
        finally:
            if seat is not None:
                seat.free()

    async def _run_plainly(self, prepared: Prepared, asked: Asked, context: Any) -> ExecutionResult:
        result = execute_root_selection_set(self.executor(prepared, asked, context))
        return await result if isawaitable(result) else result

    def _timed_out(self) -> GraphQLError:
        refusal = self._terms.timed_out()
        return GraphQLError(str(refusal), original_error=refusal)  # pyright: ignore[reportArgumentType]

    async def source(self, asked: Asked, context: Any) -> tuple[Prepared, Any]:
        """
        Return what the resolver of a subscription returns.

        Raises:
            RequestError: it is none, or in no order, or refused.
        """
        prepared = await self.prepare_for(asked, context)
        _check_kind(prepared, SUBSCRIPTIONS)
        if prepared.document.token_count > (most := self._terms.limits.followed):
            raise RequestError(too_complex(f"{most} tokens in a subscription"))
        seat = await self._terms.admit(context, prepared.cost.at(asked.variables), waits=True)
        try:
            source = await self.in_time(self._started(prepared, asked, context))
        finally:
            if seat is not None:
                seat.free()
        if isinstance(source, ExecutionResult):
            raise RequestError(*source.errors or ())
        return prepared, source

    async def _started(self, prepared: Prepared, asked: Asked, context: Any) -> Any:
        source: Any = create_source_event_stream(self.executor(prepared, asked, context))
        return await source if isawaitable(source) else source

    async def toll(self, asked: Asked, context: Any) -> Callable[[], int]:
        """Return what pays once more for an operation that was admitted, as `Terms.toll` tells."""
        return await self._terms.toll(context, self.prepare(asked).cost.at(asked.variables))

    def prepare(self, asked: Asked) -> Prepared:
        """
        Return the operation that is asked for, which is in order.

        Raises:
            RequestError: it is not.
        """
        digest, kept = self._found(asked)
        return self._operation(asked, kept or self._judged(digest, asked))

    async def prepare_for(self, asked: Asked, context: Any) -> Prepared:
        """
        Return the same for whoever asks; a document that is not known yet they pay for before it is judged.

        Raises:
            RequestError: it is in no order, or they have not enough left.
        """
        digest, kept = self._found(asked)
        if kept is None:
            await self.in_time(self._terms.pay(context, self._terms.judging))
            kept = self._judged(digest, asked)
        return self._operation(asked, kept)

    async def in_time(self, work: Awaitable[T]) -> T:
        """
        Return what comes of some work, for which there is as much time as for an operation.

        Raises:
            RequestError: it takes longer.
        """
        deadline = TimeLimit(self._terms.seconds)
        try:
            with deadline:
                return await work
        except TimeoutError:
            if not deadline.has_expired:
                raise
            raise RequestError(self._timed_out()) from None

    def _found(self, asked: Asked) -> tuple[str, Kept | None]:
        """Return the digest of the document that is asked for, and what is kept of it."""
        if asked.variables and (excess := find_excess_in_values(asked.variables, self._terms.limits)):
            raise RequestError(excess)
        return self._named(asked) if asked.document_id is not None else self._written(asked.query)

    def _judged(self, digest: str, asked: Asked) -> Kept:
        kept = Kept(digest, self._judge.judge(asked.query or ""))
        self._documents.keep(kept)
        return kept

    def _operation(self, asked: Asked, kept: Kept) -> Prepared:
        if (prepared := kept.operations.get(asked.operation_name)) is None:
            prepared = kept.operations[asked.operation_name] = self._prepared(kept, asked.operation_name)
        return prepared

    def _named(self, asked: Asked) -> tuple[str, Kept | None]:
        """Find the document of an id; a text besides must be the one that it names."""
        digest = (asked.document_id or "").removeprefix("sha256:").lower()
        if asked.query and digest_of(asked.query) != digest:
            raise _bad_request("The id is not that of the document.")
        kept = self._trusted.get(digest)
        if kept is not None:
            return digest, kept
        if asked.query or self._trust.is_required:
            return self._written(asked.query)
        # In these words clients are told to send the text along (Apollo's persisted queries).
        raise RequestError(GraphQLError("PersistedQueryNotFound", extensions={"code": "PERSISTED_QUERY_NOT_FOUND"}))

    def _written(self, text: str | None) -> tuple[str, Kept | None]:
        """Find the document of a text."""
        if not text and not self._trust.is_required:
            raise _bad_request("The query must not be empty.")
        digest = digest_of(text or "")
        if self._trust.is_required and digest not in self._trusted:
            raise RequestError(GraphQLError(UNTRUSTED, extensions={"code": UNTRUSTED_DOCUMENT}))
        return digest, self._trusted.get(digest) or self._documents.get(digest)

    def _prepared(self, kept: Kept, operation_name: str | None) -> Prepared:
        document, costs = kept.judged.document, kept.judged.costs
        operation = get_operation_ast(document, operation_name)
        if operation is None:
            raise _bad_request("The document has no such operation, or several and none is named.")
        name = operation.name.value if operation.name else None
        readable = self._plans.readable(document, operation) if self._plans else None
        return Prepared(
            kept.digest, document, operation, name, costs[name], readable, is_trusted=kept.digest in self._trusted
        )

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
            max_coercion_errors=MOST_ERRORS,
            is_awaitable=optimized_is_awaitable,  # pyright: ignore[reportArgumentType]
            hide_suggestions=not self._terms.shows_schema,
        )
        if isinstance(built, list):
            raise RequestError(*self._judge.told(built, WRONG_VARIABLES, is_trusted=prepared.is_trusted))
        return built


def _check_kind(prepared: Prepared, kinds: frozenset[OperationType]) -> None:
    if prepared.kind not in kinds:
        raise _bad_request(_ELSEWHERE[prepared.kind])


_ELSEWHERE = {
    OperationType.QUERY: "Queries are not served here; send them by POST.",
    OperationType.MUTATION: "Mutations are not served here; send them by POST.",
    OperationType.SUBSCRIPTION: "Subscriptions are served over WebSocket, or with Accept: text/event-stream.",
}


def _bad_request(message: str) -> RequestError:
    return RequestError(GraphQLError(message, extensions={"code": BAD_REQUEST}))
