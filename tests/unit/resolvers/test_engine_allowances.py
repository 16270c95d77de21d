"""Who asks for much waits, so many operations of one run at once, and no seat is lost; nothing grows without end."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from math import inf

from resolvers.engine.allowances import Allowance, Allowances


class Seconds:
    """A clock in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def seats(most: int = 2) -> Allowance:
    return Allowances(None, lambda _payer: most).of("maria")


def test_a_budget_is_spent_and_fills_again() -> None:
    clock = Seconds()
    allowances = Allowances(600, clock=clock)
    maria = allowances.of("maria")

    assert [maria.spend(200) for _ in range(4)] == [0, 0, 0, 20]
    assert allowances.of("maria").spend(30) == 3
    assert allowances.of("juan").spend(600) == 0

    clock.now += 20
    assert maria.spend(200) == 0
    clock.now += 1_000
    assert (maria.spend(600), maria.spend(1)) == (0, 1)


def test_what_costs_more_than_a_bucket_is_let_through_by_a_full_one_and_paid_for_after() -> None:
    clock = Seconds()
    maria = Allowances(600, clock=clock).of("maria")

    assert maria.spend(900) == 0
    assert maria.spend(1) == 31
    clock.now += 31
    assert maria.spend(1) == 0


def test_without_a_budget_any_points_are_spent() -> None:
    maria = Allowances(None, lambda _payer: 1).of("maria")

    assert [maria.spend(10**12) for _ in range(3)] == [0, 0, 0]


def test_of_those_who_asked_long_ago_nothing_is_kept_unless_they_hold_a_seat() -> None:
    allowances = Allowances(100, clock=Seconds(), most=4)
    for payer in "ab":
        allowances.of(payer).spend(100)
    allowances.of("b").take()

    kept = list[int]()
    for stranger in range(100):
        allowances.of(stranger).spend(100)
        kept.append(allowances.of("c").spend(1 if stranger else 100))

    assert [bool(allowances.of(payer).spend(100)) for payer in "abc"] == [False, True, True]
    assert all(kept[1:]), "who asks again and again is never forgotten"


async def test_one_has_so_many_seats_and_others_theirs() -> None:
    allowances = Allowances(None, lambda payer: inf if payer == "network" else 2)
    maria = allowances.of("maria")

    assert [maria.take() for _ in range(3)] == [True, True, False]
    assert allowances.of("juan").take()
    assert all(allowances.of("network").take() for _ in range(50))
    maria.free()
    assert [maria.take(), maria.take()] == [True, False]


async def test_who_waits_comes_in_turn_and_no_seat_is_lost_whoever_gives_up() -> None:
    maria, chance, running, most, came = seats(3), random.Random(1), 0, 0, list[int]()

    async def one(number: int) -> None:
        nonlocal running, most
        assert await maria.wait(60)
        try:
            came.append(number)
            running += 1
            most = max(most, running)
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        finally:
            running -= 1
            maria.free()

    tasks = [asyncio.create_task(one(number)) for number in range(200)]
    for _ in range(60):
        await asyncio.sleep(0)
        chance.choice(tasks).cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)

    assert (most, came, running) == (3, sorted(came), 0)
    assert [maria.take() for _ in range(4)] == [True, True, True, False]


async def test_who_has_waited_in_vain_has_no_seat_and_keeps_none_from_others() -> None:
    maria = seats(1)

    assert [maria.take(), await maria.wait(0.01)] == [True, False]
    maria.free()
    assert [maria.take(), maria.take()] == [True, False]
