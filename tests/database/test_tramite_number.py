"""The number of a trámite is made in the database as the rule says."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import asyncpg

from rules.numbering import format_number

if TYPE_CHECKING:
    from tests.servers.postgres import Database


async def test_the_database_makes_the_numbers_that_the_rule_makes(database: Database) -> None:
    chance = random.Random(4)
    serials = [*range(1, 2_000), 999_999, 1_000_000, *(chance.randrange(1, 2**31) for _ in range(1_000))]
    expected = [
        format_number(prefix, year, serial) for prefix, year in (("MPD", 2026), ("ZZ", 1999)) for serial in serials
    ]

    connection = await asyncpg.connect(database.owner_url)
    made = await connection.fetch(
        "SELECT tramite_number(series, serial) AS number FROM unnest($1::text[]) WITH ORDINALITY s (series, first), "
        "unnest($2::int[]) WITH ORDINALITY n (serial, second) ORDER BY first, second",
        ["MPD-2026", "ZZ-1999"],
        serials,
    )
    await connection.close()

    assert [row["number"] for row in made] == expected
