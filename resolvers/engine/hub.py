"""
Follows the log for all who follow it in this process.

Who comes is first served by pages of what they missed (`backlog`), and joins the group of those who are shown the
same: what that group was sent meanwhile they are sent too, unless something may be for them alone. Between that look
and the joining nothing waits, so no event can pass between. Who cannot be sent anything for now is served alone again,
and holds nobody up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING

from resolvers.engine.backlog import Backlog
from resolvers.engine.following import Patience
from resolvers.engine.groups import Group, Recent
from resolvers.engine.members import Gone, Result
from resolvers.engine.sittings import Sittings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Hashable
    from typing import Any

    from resolvers.engine.backlog import Missed
    from resolvers.engine.following import Begun, Holder, News, Share, Source
    from resolvers.engine.members import Member, Sitting

logger = logging.getLogger(__name__)


class Hub:
    """All groups and members of a process; `run` keeps them served."""

    def __init__(self, source: Source, *, patience: Patience | None = None) -> None:
        self._source = source
        self.patience = patience or Patience()
        self._position = 0
        self._backlog = Backlog(source, self.patience)
        self._news = asyncio.Event()
        self._recent: Recent[Collection[Hashable]] = Recent(0)
        self._groups: dict[Hashable, Group] = {}
        self._by_topic: defaultdict[Hashable, set[Group]] = defaultdict(set)
        self._apart: defaultdict[Hashable, set[Member]] = defaultdict(set)
        self._sittings = Sittings(source, fresh=self.patience.fresh, renew=self._renew)
        self._owes_check, self._told_at = False, 0.0
        # Not those of the backlog, so that many who come at once do not hold up those who are here.
        self._readers_of_groups = asyncio.Semaphore(self.patience.readers)
        self._tasks: set[asyncio.Task[None]] = set()
        self.delivered = 0
        """How many events were sent, one for each whom it was sent to."""

    @property
    def members(self) -> int:
        """How many follow."""
        return self._sittings.members

    @property
    def joined(self) -> int:
        """How many of them are served by their groups."""
        return sum(self.groups)

    @property
    def groups(self) -> list[int]:
        """How many are in each group."""
        return [len(group.members) for group in self._groups.values()]

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            with self._source.join() as self._news:
                while True:
                    await self._wait_and_serve(self._news)
        finally:
            self._backlog.close()
            for task in self._tasks:
                task.cancel()

    def admit(self, member: Member, holder: Holder, begun: Begun) -> None:
        """Serve a member from now on, until it leaves."""
        sitting = self._sittings.take(member, holder)
        member.is_admitted, member.sitting, member.begun = True, sitting, begun
        # What it follows, a group may share; who pays, nobody does.
        member.position, member.pay = begun.following.start, begun.pay
        member.turn = self._backlog.turn
        self._serve_alone(member)

    def leave(self, member: Member) -> None:
        """Forget a member."""
        self._detach(member)
        self._sittings.leave(member)
        if member.task is not None:
            member.task.cancel()
            member.task = None

    # Alone

    def _serve_alone(self, member: Member) -> None:
        self._detach(member)
        if member.task is None:
            member.task = self._start(self._catch_up(member))

    async def _catch_up(self, member: Member) -> None:
        try:
            await self._persist(lambda: self._has_caught_up(member))
            member.task = None
        except Gone:
            member.task = None
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and logged where it is presented
            self._end(member, error)

    async def _persist(self, show_next: Callable[[], Awaitable[bool]]) -> None:
        """Show what comes next until it says that it was the last; go on after outages, but not if that is hopeless."""
        failures, is_done = 0, False
        while not is_done:
            try:
                is_done, failures = await show_next(), 0
            except self._source.outages as error:
                _note_outage(error)
                failures += 1
                if failures >= self.patience.tries and (end := self._source.hopeless(error)) is not None:
                    raise end from error
                await asyncio.sleep(self.patience.retry)

    async def _has_caught_up(self, member: Member) -> bool:
        """Show one page of what the member has not seen; return whether it is in its group."""
        holder, page = member.holder, await self._backlog.next_for(member)
        await self._sittings.check()
        # A page that was read before waits for nothing: others go on here, and who was ended is.
        await asyncio.sleep(0)
        if not await self._has_shown(member, page, holder):
            return False
        if not page.is_last:
            while wait := member.pay():  # noqa: ASYNC110 - a budget fills by time alone
                await asyncio.sleep(wait)
        if not page.tells_all_to(member):
            return False
        if not member.has_caught_up:
            await member.send(Result(await member.begun.render_nothing(member.position)))
            member.has_caught_up = True
        return self._join(member)

    async def _has_shown(self, member: Member, page: Missed, holder: Holder) -> bool:
        """Show a page read for *holder*; return False, with the rest not shown, if that is not who it is any more."""
        for position, result in page.results:
            if position > member.position and member.holder == holder:
                if not member.push(result):
                    await member.send(result)
                self.delivered += 1
                member.position = position
        if member.holder != holder:
            return False
        member.position = max(member.position, page.end)
        return True

    # In groups

    def _join(self, member: Member) -> bool:
        """
        Let a member join its group if all that it was not shown can be shown now, or will be. Nothing waits in here.

        What its group was sent meanwhile it is sent too, and what the group is yet to read will come with the others'.
        Only what may be for this member alone must be read first.
        """
        if not self._groups:
            self._position, self._recent = member.position, Recent(member.position)
            self._news.set()  # nobody asked for what happened since its last page was read
        share = member.begun.following.share(member.holder)
        if self._may_be_apart(member, share.apart):
            return False
        key = (member.begun.key, share.scope)
        group = self._groups.get(key) or self._open(key, share, member)
        if not self._make_up(member, group):
            return False
        group.members.add(member)
        member.group, member.begun = group, group.begun
        if share.apart is not None:
            self._apart[share.apart].add(member)
        return True

    def _may_be_apart(self, member: Member, apart: Hashable | None) -> bool:
        """Tell whether there may be news, known already but not to the member, that are to be read for it alone."""
        if apart is None or member.position >= self._position:
            return False
        known = self._recent.beyond(member.position)
        return known is None or any(apart in topics for _, topics in known)

    def _make_up(self, member: Member, group: Group) -> bool:
        """Send a member what its group was sent since; return False if that is not remembered, or not taken at once."""
        if member.position >= self._stand(group):
            return True
        for position, result in (missed := group.missed(member.position)) or ():
            if not member.push(result):
                return False
            member.position = position
            self.delivered += 1
        return missed is not None

    def _open(self, key: Hashable, share: Share, member: Member) -> Group:
        group = self._groups[key] = Group(key, share, member.begun, told=member.position)
        for topic in share.topics:
            self._by_topic[topic].add(group)
        if member.position < self._position:
            group.behind = member.position
            group.task = self._start(self._serve(group))
        return group

    def _stand(self, group: Group) -> int:
        return self._position if group.behind is None else group.behind

    def _detach(self, member: Member) -> None:
        """Take a member out of its group; it has seen all that the group has."""
        group = member.group
        if group is None:
            return
        member.position = max(member.position, self._stand(group))
        member.group = None
        group.members.discard(member)
        if (apart := member.begun.following.share(member.holder).apart) is not None:
            _discard(self._apart, apart, member)
        if not group.members:
            del self._groups[group.key]
            for topic in group.share.topics:
                _discard(self._by_topic, topic, group)

    # Waves

    async def _wait_and_serve(self, news: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience.fresh if self._owes_check else self.patience.recheck):
                await news.wait()
        news.clear()
        try:
            # Sessions are asked for while the news are read; nothing is shown before both have come.
            outcomes = await asyncio.gather(self._sittings.check(), self._waves(), return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
            # The news may be that a session has ended: asked for just before them, it is asked for again soon after.
            self._owes_check = not outcomes[0]
            await self._tell_how_far()
        except self._source.outages as error:
            _note_outage(error)
            news.set()
            await asyncio.sleep(self.patience.retry)

    async def _waves(self) -> None:
        while await self._wave():
            pass

    async def _wave(self) -> bool:
        """Find out whom the news are for; return whether there are more."""
        if not self._groups:
            return False
        asked = self._position
        news = await self._source.news(asked)
        # Who may see more by now must leave the group before it is said to have been shown all of these.
        await self._sittings.check()
        # From here on nothing waits: who joins comes before or after.
        if asked != self._position:
            return True  # all had left, and who came since is somewhere else
        if news.end > asked:
            self._go_on(news)
        return not news.is_last

    def _go_on(self, news: News) -> None:
        for topic in news.topics:
            for member in tuple(self._apart.get(topic, ())):
                self._serve_alone(member)
        before, self._position = self._position, news.end
        self._recent.add(news.end, news.topics)
        for group in {group for topic in news.topics for group in self._by_topic.get(topic, ())}:
            if group.behind is None:
                group.behind = before
            if group.task is None:
                group.task = self._start(self._serve(group))

    async def _serve(self, group: Group) -> None:
        try:
            if group.behind is not None and group.members:
                await self._persist(lambda: self._has_shown_all(group))
        except Exception as error:  # noqa: BLE001 - as above
            for member in tuple(group.members):
                self._end(member, error)
        finally:
            group.task = None

    async def _has_shown_all(self, group: Group) -> bool:
        async with self._readers_of_groups:
            page, bodies = await group.read(upto=self._position)
        await self._sittings.check()
        # From here on nothing waits.
        for position, body in bodies:
            self.delivered += len(group.members)
            for member in group.push(position, body):
                self._serve_alone(member)
        group.behind = page.end if page.end < self._position else None
        return group.behind is None or not group.members

    async def _tell_how_far(self) -> None:
        """Tell those who were shown nothing of late, now and then, that there was nothing."""
        now = asyncio.get_running_loop().time()
        if now - self._told_at < self.patience.recheck:
            return
        self._told_at = now
        for group in tuple(self._groups.values()):
            position = self._stand(group)
            if group.told < position:
                body = await group.begun.render_nothing(position)
                if group.told < position:
                    for member in group.push(position, body):
                        self._serve_alone(member)

    # Sessions

    def _renew(self, sitting: Sitting, holder: Holder | None) -> None:
        members = tuple(sitting.members)
        if holder is None:
            for member in members:
                self._end(member, self._source.ended(member.holder), is_session_over=True)
        elif holder != sitting.holder:
            joined = [member for member in members if member.group is not None]
            for member in joined:
                self._detach(member)
            sitting.holder = holder
            for member in joined:
                self._serve_alone(member)

    def _end(self, member: Member, error: Exception, *, is_session_over: bool = False) -> None:
        self.leave(member)
        member.fail(error, is_session_over=is_session_over)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _discard(index: dict[Hashable, set[Any]], key: Hashable, value: Any) -> None:
    index[key].discard(value)
    if not index[key]:
        del index[key]


def _note_outage(error: BaseException) -> None:
    logger.warning("What is followed cannot be read for now: %s", type(error).__name__, extra={"action": "feed_outage"})
