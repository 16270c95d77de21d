"""How many connections stay open at once: so many of each who comes, and so many of all."""

from __future__ import annotations

from resolvers.engine.places import Guest, Places

ANA, JOSE = Guest("ana", 2), Guest("jose", 2)


def test_each_has_so_many_places_and_has_them_back() -> None:
    places = Places(most=10)

    assert [places.take(ANA) for _ in range(3)] == [True, True, False]
    assert places.take(JOSE)
    places.free(ANA)
    assert [places.take(ANA), places.take(ANA)] == [True, False]


def test_all_together_have_so_many() -> None:
    places = Places(most=3)

    assert [places.take(guest) for guest in (ANA, JOSE, ANA)] == [True] * 3
    assert (places.is_full, places.take(JOSE)) == (True, False)
    places.free(ANA)
    assert (places.is_full, places.take(JOSE)) == (False, True)
