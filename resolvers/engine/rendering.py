"""From an event to the bytes of its result, and how a subscription is begun."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import orjson
from graphql.execution.execute import execute_subscription_event

from resolvers.engine.execution import Asked, Execution
from resolvers.engine.following import Begun, Following
from resolvers.engine.operations import encode

if TYPE_CHECKING:
    from graphql.execution import Executor


@dataclass(frozen=True, slots=True)
class Rendering:
    """
    A document with its variables, ready for events.

    It is not for anybody in particular: below the root of a subscription, nothing asks who looks.
    """

    execution: Execution
    executor: Executor[Any]

    async def render(self, value: Any) -> bytes:
        """Return the result of the document for one event, as JSON."""
        result: Any = execute_subscription_event(self.executor.build_per_event_executor(value))
        if isawaitable(result):
            result = await result
        body = {"data": result.data}
        return encode(body | {"errors": self.execution.errors.present(result.errors)} if result.errors else body)


async def begin(execution: Execution, asked: Asked, context: Any) -> Begun:
    """
    Ask the resolver of a subscription what is to be followed.

    Raises:
        RequestError: the document is in no order, or the resolver refuses.
    """
    prepared, source = await execution.source(asked, context)
    assert isinstance(source, Following), "the resolver of every subscription returns one"
    rendering = Rendering(execution, execution.executor(prepared, asked, None))
    variables = sha256(orjson.dumps(asked.variables or {}, option=orjson.OPT_SORT_KEYS)).digest()
    pay = await execution.toll(asked, context)
    return Begun(source, rendering, (prepared.digest, prepared.name, variables), pay)
