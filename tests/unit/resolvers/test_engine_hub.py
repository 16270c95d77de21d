"""Whoever follows is shown everything that is for them, once, in order, whatever comes in between."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.engine.following import Patience
from resolvers.engine.hub import Hub
from tests.unit.resolvers.followers import Away, Follower, Log, Rendering, begun, is_for

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from resolvers.engine.members import Result

HOLDERS = ["clerk-1", "clerk-2", "clerk-3", "auditor-4", "auditor-5"]
TOPICS = ["any", "any", "auditor", "clerk-1", "clerk-2", "auditor-5", "nobody"]
AT_ONCE = Patience(fresh=0, recheck=30, retry=0)
LASTING = Patience(fresh=60, recheck=30, retry=0)
"""What was read is kept for the whole of a test."""

STEPS, ROUNDS = 60, 60
"""Five times as many rounds are enough for each of the hubs that are wrong on purpose to be found out, some times."""


@asynccontextmanager
async def running(hub: Hub) -> AsyncGenerator[Hub]:
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0)


async def lost_or_doubled(seed: int, make: Callable[..., Hub] = Hub, *, patience: Patience = AT_ONCE) -> bool:
    """Follow a log that grows and fails, with clients that come and are lazy; say whether one was served wrongly."""
    chance = random.Random(seed)
    log = Log(chance, failures=0.05)
    followers = dict[Follower, tuple[str, int]]()
    async with running(make(log, patience=patience)) as hub:
        for _ in range(STEPS):
            if chance.randrange(3) == 0:
                follower = Follower(chance, laziness=chance.choice([0, 0, 0.3]))
                followers[follower] = chance.choice(HOLDERS), chance.randrange(len(log.entries) + 1)
                hub.admit(follower, followers[follower][0], begun(log, Rendering(), start=followers[follower][1]))
            for _ in range(chance.randrange(4)):
                log.append(chance.choice(TOPICS))
            await moments(chance.randrange(8))
        log.failures = 0
        expected = {each: wanted(log, *followers[each]) for each in followers}
        for _ in range(100):
            await moments(20)
            if all(each.seen == expected[each] for each in followers):
                break
        await moments(50)
        return any(each.seen != expected[each] for each in followers)


async def moments(count: int) -> None:
    """Let others go on, so many times."""
    for _ in range(count):
        await asyncio.sleep(0)


def wanted(log: Log, holder: str, start: int) -> list[int]:
    return [place for place, about in enumerate(log.entries, 1) if place > start and is_for(holder, about)]


async def test_nothing_is_lost_nor_doubled() -> None:
    for seed in range(ROUNDS):
        assert not await lost_or_doubled(seed, patience=(AT_ONCE, LASTING)[seed % 2]), seed


async def test_what_was_missed_is_read_and_made_once_for_all_who_come_back_from_near_each_other() -> None:
    log, rendering = Log(random.Random(1), page=200), Rendering()
    for _ in range(140):
        log.append("any")
    async with running(Hub(log, patience=LASTING)) as hub:
        clerks = [Follower(log.chance) for _ in range(50)]
        for place, clerk in enumerate(clerks):
            hub.admit(clerk, f"clerk-{place}", begun(log, rendering, start=40 + place % 5))
        await until(lambda: hub.joined == 50)

    assert [clerk.seen for clerk in clerks] == [list(range(41 + place % 5, 141)) for place in range(50)]
    assert (log.reads, rendering.made) == (1, 108 + 50), "from 33 on, and for each where things stand"


class Noting(Rendering):
    """Notes how often others had gone on whenever something is made."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0
        self.at = set[int]()

    async def render(self, value: Any) -> bytes:
        self.at.add(self.turns)
        return await super().render(value)

    async def go_on(self) -> None:
        while True:
            self.turns += 1
            await asyncio.sleep(0)


async def test_others_go_on_while_a_long_page_is_made() -> None:
    log, rendering = Log(random.Random(1), page=200), Noting()
    for _ in range(140):
        log.append("any")
    other = asyncio.create_task(rendering.go_on())
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        hub.admit(Follower(log.chance), "clerk-1", begun(log, rendering))
        await until(lambda: hub.joined == 1)
    other.cancel()

    assert len(rendering.at) >= 140


async def test_what_is_about_somebody_who_comes_back_is_read_for_them_alone() -> None:
    log = Log(random.Random(1), page=10)
    for about in ("any", "clerk-1", "any"):
        log.append(about)
    async with running(Hub(log, patience=LASTING)) as hub:
        clerks = [Follower(log.chance) for _ in range(3)]
        for place, clerk in enumerate(clerks):
            hub.admit(clerk, f"clerk-{place}", begun(log, Rendering()))
        await until(lambda: hub.joined == 3)

    assert [clerk.seen for clerk in clerks] == [[1, 3], [1, 2, 3], [1, 3]]


async def told_too_early(make: Callable[..., Hub]) -> bool:
    """Come just after something happened, beside others who have come before it; say whether the end was told first."""
    log, first, second = Log(random.Random(1)), Follower(random.Random(1)), Follower(random.Random(1))
    async with running(make(log, patience=LASTING)) as hub:
        log.append("any")
        hub.admit(first, "clerk-1", begun(log, Rendering()))
        await until(lambda: hub.joined == 1)
        log.append("any")
        hub.admit(second, "clerk-2", begun(log, Rendering()))
        await until(lambda: bool(second.told))
        return second.seen != [1, 2]


class TakesOldPages(Hub):
    """Takes what was read before somebody came to be all that had happened when they did."""

    def admit(self, member: Any, holder: Any, begun: Any) -> None:
        super().admit(member, holder, begun)
        member.turn = -1


async def test_all_that_had_happened_is_told_before_it_is_said_that_it_was_all() -> None:
    assert not await told_too_early(Hub)
    assert await told_too_early(TakesOldPages)


class JoinsTooEarly(Hub):
    """Does not look what the group was sent meanwhile."""

    def _make_up(self, member: Any, group: Any) -> bool:
        return True


class ForgetsWhatWasForOneAlone(Hub):
    """Looks only what the group was sent, but not for what is for the member alone."""

    def _may_be_apart(self, member: Any, apart: Any) -> bool:
        return False


class OpensAtTheEnd(Hub):
    """Takes a new group to have been shown all, as its first member was not."""

    def _open(self, key: Any, share: Any, member: Any) -> Any:
        group = super()._open(key, share, member)
        group.behind = None
        return group


class WaitsBeforeItJoins(Hub):
    """Looks whether there is something left, lets others go on, and joins then."""

    def _join(self, member: Any) -> bool:
        if self._groups and member.position < self._position:
            return False
        self._start(self._join_later(member))
        return True

    async def _join_later(self, member: Any) -> None:
        await moments(10)
        self._may_be_apart, self._make_up = (lambda *_: False), (lambda *_: True)  # type: ignore[method-assign]
        super()._join(member)


class GoesOnFromTheEnd(Hub):
    """Takes a group that was called for to stand where the log ends."""

    def _go_on(self, news: Any) -> None:
        self._position = news.end
        super()._go_on(news)


class ForgetsWhoIsApart(Hub):
    """Shows everybody only what the group is shown."""

    def _serve_alone(self, member: Any) -> None:
        if member.group is None:
            super()._serve_alone(member)


class ShowsTwice(Hub):
    """Forgets what each member was shown."""

    def _detach(self, member: Any) -> None:
        super()._detach(member)
        member.position = max(0, member.position - 1)


@pytest.mark.parametrize(
    "wrong",
    [
        JoinsTooEarly,
        ForgetsWhatWasForOneAlone,
        OpensAtTheEnd,
        WaitsBeforeItJoins,
        GoesOnFromTheEnd,
        ForgetsWhoIsApart,
        ShowsTwice,
    ],
)
async def test_a_hub_that_is_wrong_is_found_out(wrong: Callable[..., Hub]) -> None:
    for seed in range(5 * ROUNDS):
        if await lost_or_doubled(seed, wrong):
            return
    pytest.fail("nothing was lost nor doubled")


async def test_what_happens_is_read_and_made_once_for_all_who_are_shown_the_same() -> None:
    log, rendering = Log(random.Random(1)), Rendering()
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        clerks = [Follower(log.chance) for _ in range(50)]
        for place, clerk in enumerate(clerks):
            hub.admit(clerk, f"clerk-{place}", begun(log, rendering))
        await until(lambda: hub.joined == 50)
        rendering.made = log.reads = 0

        log.append("any")
        await until(lambda: all(clerk.seen == [1] for clerk in clerks))

    assert (rendering.made, log.reads) == (1, 1)


async def test_news_for_others_are_not_read() -> None:
    log = Log(random.Random(1))
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        auditor, clerk = Follower(log.chance), Follower(log.chance)
        hub.admit(auditor, "auditor-1", begun(log, Rendering()))
        hub.admit(clerk, "clerk-2", begun(log, Rendering()))
        await until(lambda: hub.joined == 2)
        log.reads = 0

        log.append("any")
        await until(lambda: clerk.seen == [1])

        assert (log.reads, auditor.seen) == (1, [])
        log.append("auditor")
        await until(lambda: auditor.seen == [2])


async def test_nothing_runs_for_those_who_wait() -> None:
    log = Log(random.Random(1))
    before = len(asyncio.all_tasks())
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        for place in range(20):
            hub.admit(Follower(log.chance), f"clerk-{place}", begun(log, Rendering()))
        await until(lambda: hub.joined == 20)
        await asyncio.sleep(0)

        assert len(asyncio.all_tasks()) == before + 1


async def test_who_was_shown_nothing_hears_how_far_things_are() -> None:
    log = Log(random.Random(1))
    async with running(Hub(log, patience=Patience(fresh=0, recheck=0.02))) as hub:
        follower = Follower(log.chance)
        hub.admit(follower, "clerk-1", begun(log, Rendering()))
        await until(lambda: hub.joined == 1)
        assert follower.told == [0]

        for _ in range(3):
            log.append("nobody")
        await until(lambda: follower.told == [0, 3])
        log.append("any")
        await until(lambda: follower.seen == [4])


class NeverAsks(Hub):
    """Takes every session to go on for ever."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._sittings.check = self._ask_nobody  # type: ignore[method-assign]

    async def _ask_nobody(self) -> bool:
        return True


async def shown_after_the_end(make: Callable[..., Hub]) -> list[int]:
    """Follow under a session that ends just before something happens; return what was shown."""
    log = Log(random.Random(1))
    async with running(make(log, patience=AT_ONCE)) as hub:
        gone, other = Follower(log.chance), Follower(log.chance)
        hub.admit(gone, "clerk-1", begun(log, Rendering()))
        hub.admit(other, "clerk-2", begun(log, Rendering()))
        await until(lambda: hub.joined == 2)
        await moments(200)  # until nothing is asked for any more
        log.over.add("1")
        log.append("any")
        await until(lambda: other.seen == [1])
    return gone.seen


async def test_nothing_is_shown_before_sessions_were_asked_for() -> None:
    assert await shown_after_the_end(Hub) == []
    assert await shown_after_the_end(NeverAsks) == [1]


@pytest.mark.parametrize("is_joined", [True, False])
async def test_what_never_can_be_read_is_given_up_and_told(is_joined: bool) -> None:
    log = Log(random.Random(1), lost=Away("too slow"))
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        follower = Follower(log.chance)
        if is_joined:
            hub.admit(follower, "clerk-1", begun(log, Rendering()))
            await until(lambda: hub.joined == 1)
        log.failing = "read"
        if not is_joined:
            hub.admit(follower, "clerk-1", begun(log, Rendering()))
        log.append("any")
        await until(lambda: follower.failed is log.lost)

        assert (follower.seen, hub.members, log.failed) == ([], 0, 3)


async def test_what_passes_by_itself_is_waited_for() -> None:
    log = Log(random.Random(1), failing="read")
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        follower = Follower(log.chance)
        hub.admit(follower, "clerk-1", begun(log, Rendering()))
        log.append("any")
        await until(lambda: log.failed > 10)
        log.failing = ""
        await until(lambda: follower.seen == [1])


async def test_the_end_of_a_session_ends_all_that_was_followed_under_it() -> None:
    log = Log(random.Random(1))
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        gone, other = [Follower(log.chance) for _ in range(2)], Follower(log.chance)
        for each in gone:
            hub.admit(each, "clerk-1", begun(log, Rendering()))
        hub.admit(other, "clerk-2", begun(log, Rendering()))
        await until(lambda: hub.joined == 3)

        log.over.add("1")
        log.append("any")
        await until(lambda: other.seen == [1])

        assert [each.seen for each in gone] == [[], []]
        assert all(each.failed is not None for each in gone)
        assert (hub.members, hub.joined) == (1, 1)


@pytest.mark.parametrize("is_joined", [True, False], ids=["in a group", "alone"])
async def test_who_has_gone_while_it_was_being_read_is_shown_nothing(*, is_joined: bool) -> None:
    log = Log(random.Random(1))
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        gone = Follower(log.chance)
        if is_joined:
            hub.admit(gone, "clerk-1", begun(log, Rendering()))
            await until(lambda: hub.joined == 1)
        log.failing = "read"
        log.append("any")
        if not is_joined:
            hub.admit(gone, "clerk-1", begun(log, Rendering()))
        await until(lambda: log.failed > 5)

        log.over.add("1")
        log.failing = ""

        await until(lambda: gone.failed is not None)
        assert (gone.seen, hub.members) == ([], 0)


@pytest.mark.parametrize("seed", range(20))
async def test_whose_rights_have_changed_goes_on_with_those_of_now(seed: int) -> None:
    log = Log(random.Random(seed))
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        follower = Follower(log.chance)
        hub.admit(follower, "auditor-1", begun(log, Rendering()))
        await until(lambda: hub.joined == 1)
        log.append("auditor")
        await until(lambda: follower.seen == [1])
        await moments(log.chance.randrange(30))

        log.moved["auditor-1"] = "clerk-1"
        for about in ("any", "auditor", "any"):  # the first is nothing for the group that is left
            log.append(about)
            await moments(100)

        assert follower.seen == [1, 2, 4]
        assert (hub.members, hub.joined) == (1, 1)


@pytest.mark.parametrize("is_over", [True, False], ids=["session over", "rights changed"])
async def test_who_takes_a_page_slowly_is_shown_no_more_of_it_once_the_rights_have_changed(*, is_over: bool) -> None:
    log = Log(random.Random(1), page=10)
    for about in ("auditor", "auditor", "any", "auditor"):
        log.append(about)
    async with running(Hub(log, patience=AT_ONCE)) as hub:
        slow, other = TakesWhenTold(log.chance), Follower(log.chance)
        hub.admit(slow, "auditor-1", begun(log, Rendering()))
        await until(lambda: slow.waits)

        if is_over:
            log.over.add("1")
        else:
            log.moved["auditor-1"] = "clerk-1"
        hub.admit(other, "clerk-2", begun(log, Rendering()))
        await until(lambda: other.seen == [3])
        slow.may_take.set()
        await moments(200)

        assert slow.seen == ([] if is_over else [1, 3]), "what was on its way, and then what is theirs now"


class TakesWhenTold(Follower):
    """Has to be waited for until it may take something."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance, laziness=1.0)
        self.may_take, self.waits = asyncio.Event(), False

    async def send(self, result: Result) -> None:
        self.waits = True
        await self.may_take.wait()
        await super().send(result)


async def test_sessions_are_asked_for_once_for_all_and_not_again_at_once() -> None:
    log = Log(random.Random(1))
    async with running(Hub(log, patience=Patience(fresh=60))) as hub:
        follower = Follower(log.chance)
        hub.admit(follower, "clerk-1", begun(log, Rendering()))
        await until(lambda: hub.joined == 1)

        log.over.add("1")
        log.append("any")
        await until(lambda: follower.seen == [1])


async def test_each_page_more_of_what_was_missed_is_paid_for_and_waited_for() -> None:
    log, follower = Log(random.Random(1), page=4), Follower(random.Random(1))
    for _ in range(9):
        log.append("any")
    paid = asyncio.Event()
    due = [0, 3_600]

    def pay() -> int:
        if len(due) == 1:
            paid.set()
        return due.pop(0)

    async with running(Hub(log, patience=AT_ONCE)) as hub:
        hub.admit(follower, "clerk-1", replace(begun(log, Rendering()), pay=pay))
        async with asyncio.timeout(10):
            await paid.wait()
        await moments(50)
        hub.leave(follower)

    assert follower.seen == list(range(1, 9)), "the first page came with the subscription, the second was paid for"
