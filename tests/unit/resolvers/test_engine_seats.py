"""So many operations of one account at once, and no seat is lost."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

from resolvers.engine.seats import Seats, Stay


async def account(context: str) -> str | None:
    """Return whose a context is; of nobody's, nobody."""
    return context or None


def seats(most: int = 2) -> Seats:
    return Seats(most, account, ValueError)


async def test_one_account_has_so_many_and_others_theirs() -> None:
    some = seats()
    stays = [Stay(some) for _ in range(5)]

    assert [await stay.begin("maria") for stay in stays[:3]] == [True, True, False]
    assert await stays[3].begin("juan")
    stays[0].end()
    stays[0].end()  # twice gives back one
    assert [await stays[4].begin("maria"), await stays[0].begin("maria")] == [True, False]
    assert all([await Stay(some).begin("") for _ in range(10)]), "who is nobody is not counted"


async def test_who_waits_comes_in_turn_and_no_seat_is_lost_whoever_gives_up() -> None:
    some, chance, running, most, came = seats(3), random.Random(1), 0, 0, list[int]()

    async def one(number: int) -> None:
        nonlocal running, most
        stay = Stay(some)
        try:
            assert await stay.begin("maria", wait_seconds=60)
            came.append(number)
            running += 1
            most = max(most, running)
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            running -= 1
        finally:
            stay.end()

    tasks = [asyncio.create_task(one(number)) for number in range(200)]
    for _ in range(60):
        await asyncio.sleep(0)
        chance.choice(tasks).cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)

    assert (most, came) == (3, sorted(came))
    assert [await Stay(some).begin("maria") for _ in range(4)] == [True, True, True, False]


async def test_who_has_waited_in_vain_has_no_seat_and_keeps_none_from_others() -> None:
    some = seats(1)
    first, second, third = [Stay(some) for _ in range(3)]

    assert [await first.begin("maria"), await second.begin("maria", wait_seconds=0.01)] == [True, False]
    second.end()
    first.end()
    assert [await third.begin("maria"), await second.begin("maria")] == [True, False]
