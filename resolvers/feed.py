"""The subscription to status changes, and what those who follow it are served from."""

from collections.abc import AsyncGenerator, Collection, Hashable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from asyncpg import QueryCanceledError
from tortoise.exceptions import OperationalError

from actions import reads
from actions.tools import Tools
from reading import changes
from reading.changes import ChangesWanted
from reading.feed import OUTAGES, Feed, SessionEnded
from reading.holders import all_renewed
from resolvers.context import Info, scene_of, signed_in, wanted
from resolvers.engine.following import Event, Following, News, Page, Patience, Share
from resolvers.engine.shapes import Wanted
from resolvers.noting import tells_people
from resolvers.shapes.tramites import STATUS_CHANGE
from rules.operations import OperationTimedOut
from rules.service_tokens import ServiceTokenNotGood
from schema.scalars import Cursor
from schema.tramites import FeedEvent, StatusChangesFilter

if TYPE_CHECKING:
    import asyncio

    from reading.access import Viewer

ALIKE = {
    *("id", "number", "lookupKey", "status", "statusLabel", "channel", "senderProof", "documentKind", "documentNumber"),
    *("subject", "folios", "senderName", "organization", "contact", "missing", "sentAt", "filedOn", "filingRule"),
    *("datesExplained", "office", "observation", "observationPoints", "correctBy", "resolution", "revision"),
    *("allowedSteps", "versions", "attachments", "answerFiles", "history", "__typename"),
}
"""What is the same of a trámite for all who see it in the same role and offices, but for who filed it."""


@strawberry.type(description="What can be followed, over graphql-transport-ws or graphql-sse.")
class Subscription:
    """What can be followed."""

    @strawberry.subscription(
        description="Status changes of the trámites that the viewer may read, each once and in the order in which they "
        "happened: those since a cursor, and then those to come."
    )
    async def status_changes(
        self,
        info: Info,
        after: Annotated[
            Cursor | None,
            strawberry.argument(description="The last cursor that was received; left out: from now on."),
        ] = None,
        from_start: Annotated[
            bool, strawberry.argument(description="Whether, without a cursor, to begin with the first change of all.")
        ] = False,
        filter: Annotated[  # noqa: A002 - the name in the API
            StatusChangesFilter | None, strawberry.argument(description="Which changes; left out: all.")
        ] = None,
    ) -> AsyncGenerator[FeedEvent, None]:
        """Say what is to be followed; it is served by the hub."""
        viewer, filter = await signed_in(info), filter or StatusChangesFilter()  # noqa: A001 - as above
        which = await changes.wanted_by(
            viewer, number=filter.number, office_code=filter.office_code, statuses=filter.statuses or ()
        )
        start = await changes.start_of(after, from_start=from_start)
        asked = wanted(info).at("change")
        await reads.note_following(info.context.tools, viewer, filter.number, tells_people=tells_people(asked))
        following = _Changes(info.context.tools, which, asked).following(start)
        return cast("AsyncGenerator[FeedEvent, None]", following)


class _Changes:
    """Changes, shown with what one document asks for."""

    __slots__ = ("_asked", "_tools", "_which")

    def __init__(self, tools: Tools, which: ChangesWanted, asked: Wanted) -> None:
        self._tools, self._which, self._asked = tools, which, asked

    def following(self, start: int) -> Following:
        """Return what follows them."""
        return Following(start, self._share, self._read, _nothing_up_to)

    def _share(self, viewer: "Viewer") -> Share:
        is_alike = self._asked.at("tramite").fields.keys() <= ALIKE
        audience = changes.audience_of(viewer, self._which, is_alike=is_alike)
        return Share(audience.scope, audience.reader, audience.topics, audience.apart)

    async def _read(self, viewer: "Viewer", after: int, upto: int | None) -> Page:
        found = await changes.changes_after(viewer, after, self._which, upto=upto)
        shown = await STATUS_CHANGE.show(found.acts, self._asked, scene_of(self._tools, viewer))
        events = [
            Event(act.sequence, FeedEvent(cursor=Cursor(changes.feed_cursor(act.sequence)), change=change))
            for act, change in zip(found.acts, shown, strict=True)
        ]
        return Page(events, found.end, found.is_last)


def _nothing_up_to(sequence: int) -> FeedEvent:
    return FeedEvent(cursor=Cursor(changes.feed_cursor(sequence)), change=None)


class Register:
    """The register as a log that is followed."""

    outages = OUTAGES

    def __init__(self, tools: Tools, feed: Feed) -> None:
        self._tools, self._feed = tools, feed

    def patience(self) -> Patience:
        """Return for how long what."""
        return Patience(fresh=self._feed.fresh.total_seconds(), recheck=self._feed.recheck.total_seconds())

    def join(self) -> AbstractContextManager["asyncio.Event"]:
        """Return an event that is set whenever the register may have grown."""
        return self._feed.join()

    async def news(self, after: int) -> News:
        """Return what happened after a place in the register."""
        return News(*await changes.topics_after(after))

    def key_of(self, holder: "Viewer") -> Hashable:
        """Return what names a session: with its token, for who came with one that was changed since is nobody now."""
        return holder.session_id, holder.token_hash

    async def renewed(self, holders: Collection["Viewer"]) -> dict[Hashable, "Viewer"]:
        """Return who holds each session now."""
        found = await all_renewed(holders, at=self._tools.clock())
        return {self.key_of(holder): holder for holder in found}

    def hopeless(self, error: BaseException) -> Exception | None:
        """Return what is told to whose page cannot be read in the time that a statement has, or not at all."""
        if isinstance(error, QueryCanceledError):
            return OperationTimedOut()
        return error if isinstance(error, OperationalError) else None

    def ended(self, holder: "Viewer") -> Exception:
        """Return what is told to who held a session, or service token, that has ended."""
        return ServiceTokenNotGood() if holder.is_program else SessionEnded()
