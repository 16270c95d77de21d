"""The subscription to status changes."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated

import strawberry

from actions import reads
from reading import feed
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.tramites import STATUS_CHANGE
from schema.tramites import StatusChange


@strawberry.type(description="What can be followed, over graphql-transport-ws.")
class Subscription:
    """What can be followed."""

    @strawberry.subscription(
        description="Status changes of the trámites that the viewer may read, as they happen, each once and in order."
    )
    async def status_changes(
        self,
        info: Info,
        number: Annotated[str | None, strawberry.argument(description="Only those of this trámite.")] = None,
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Sequence of the last change received; left out: from now on."),
        ] = None,
    ) -> AsyncGenerator[StatusChange, None]:
        """Yield changes until the client leaves or the session ends."""
        context, viewer, asked = info.context, await signed_in(info), wanted(info)
        await reads.note_following(context.tools, viewer, number)
        followed = feed.follow(
            context.feed, viewer, number=number, after=feed.sequence_of(after), clock=context.tools.clock
        )
        async with aclosing(followed):
            async for seen_by, page in followed:
                scene = replace(await context.scene(), viewer=seen_by)
                for change in await STATUS_CHANGE.show(page, asked, scene):
                    yield change
