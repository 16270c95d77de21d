"""What connections that stay open are served with, whatever protocol they speak."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from graphql import OperationType

from resolvers.engine.rendering import begin

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from resolvers.engine.execution import Asked, Execution
    from resolvers.engine.following import Begun, Holder
    from resolvers.engine.hub import Hub
    from resolvers.engine.places import Guest, Places


@dataclass(frozen=True)
class Host:
    """
    What those who serve connections that stay open must be told by those who use them.

    `context` makes the context of a connection; `greet` says, from what came with `connection_init`, as whom it may
    stay, None for nobody; `holder` says, asked anew each time, who holds its session. A client that takes nothing of
    what it is sent for as long as `patience` is cut off.
    """

    context: Callable[[HTTPConnection], Any]
    greet: Callable[[Any, dict[str, Any] | None], Awaitable[Guest | None]]
    holder: Callable[[Any], Awaitable[Holder | None]]
    allowed_origins: Collection[str] = ()
    patience: timedelta = timedelta(seconds=10)


@dataclass(frozen=True)
class House:
    """All that sockets and streams share."""

    execution: Execution
    hub: Hub
    places: Places
    host: Host

    async def is_to_follow(self, asked: Asked, context: Any) -> bool:
        """
        Tell whether a subscription is asked for.

        Raises:
            RequestError: the document is in no order, or not paid for.
        """
        return (await self.execution.prepare_for(asked, context)).kind is OperationType.SUBSCRIPTION

    async def holder(self, context: Any) -> Holder:
        """
        Return who holds the session of a connection by now.

        Raises:
            RequestError: that cannot be found out in time.
        """
        return await self.execution.in_time(self.host.holder(context))

    async def begin(self, asked: Asked, context: Any) -> tuple[Holder, Begun]:
        """
        Begin a subscription; return who holds the session by then, for the hub takes them to be just found.

        To begin may take long, for a seat or a lock is waited for: who has become somebody else meanwhile begins anew.

        Raises:
            RequestError: the document is in no order, or the resolver refuses.
        """
        loop, holder = asyncio.get_running_loop(), await self.holder(context)
        while True:
            since = loop.time()
            begun = await begin(self.execution, asked, context)
            if loop.time() - since < self.hub.patience.fresh:
                return holder, begun
            before, holder = holder, await self.holder(context)
            if holder == before:
                return holder, begun
