"""Who asks for much waits; nobody else does, and nothing grows without end."""

from __future__ import annotations

from resolvers.engine.budgets import Budgets


class Seconds:
    """A clock in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_budget_is_spent_and_fills_again() -> None:
    clock = Seconds()
    budgets = Budgets(600, clock=clock)

    assert [budgets.spend("maria", 200) for _ in range(4)] == [0, 0, 0, 20]
    assert budgets.spend("maria", 30) == 3
    assert budgets.spend("juan", 600) == 0

    clock.now += 20
    assert budgets.spend("maria", 200) == 0
    clock.now += 1_000
    assert (budgets.spend("maria", 600), budgets.spend("maria", 1)) == (0, 1)


def test_what_costs_more_than_a_bucket_is_let_through_by_a_full_one_and_paid_for_after() -> None:
    clock = Seconds()
    budgets = Budgets(600, clock=clock)

    assert budgets.spend("maria", 900) == 0
    assert budgets.spend("maria", 1) == 31
    clock.now += 31
    assert budgets.spend("maria", 1) == 0


def test_only_so_many_are_remembered_those_who_asked_last() -> None:
    budgets = Budgets(100, clock=Seconds(), most_payers=2)

    for payer in ("a", "b", "a", "c"):
        budgets.spend(payer, 50)

    assert [budgets.left(payer) for payer in "abc"] == [0, 100, 50]
