"""What the hash chain costs a filing: the real action with the chain and without, in turns on the same database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg

from benchmarks.figures import Figure, parser, run
from benchmarks.filing import by_action, by_recording, forms_for, rate_of
from benchmarks.ground import prepared
from mesadepartes.database import POOL_SIZE

if TYPE_CHECKING:
    import argparse

    from benchmarks.ground import Ground
    from reading.access import Viewer

TARGET_COST = 0.15
FUNCTIONS = ("register_append(text, text, bytea)", "register_take_number(text)")
DEFINITION = "SELECT pg_get_functiondef($1::text::regprocedure)"

FREE_SEQUENCE = "CREATE SEQUENCE free_sequence START 1000000000; GRANT USAGE ON SEQUENCE free_sequence TO PUBLIC;"
WITHOUT_CHAIN = """
CREATE OR REPLACE FUNCTION register_append(p_record text, p_text text DEFAULT NULL, p_salt bytea DEFAULT NULL)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    given bigint := nextval('public.free_sequence');
    act jsonb := p_record::jsonb;
BEGIN
    INSERT INTO public.entries
        (sequence, at, act, tramite_id, actor_id, role, from_status, to_status, detail, record, previous_hash, hash)
    VALUES
        (given, (act->>'at')::timestamptz, act->>'act', (act->>'tramite')::uuid, (act->>'actor')::uuid,
         act->>'role', act->>'from', act->>'to', act->'detail', p_record, '', '');
    RETURN given;
END $$;
CREATE OR REPLACE FUNCTION register_take_number(p_series text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    taken int;
BEGIN
    INSERT INTO public.number_series AS s (series, last_given) VALUES (p_series, 1)
    ON CONFLICT (series) DO UPDATE SET last_given = s.last_given + 1
    RETURNING last_given INTO taken;
    RETURN taken;
END $$;
"""
"""Numbers stay gapless, which takes the lock of their series; what goes is the chain's lock, its hash and its head."""


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """File in turns with the chain and without; the best turn of each counts."""
    async with prepared() as ground:
        owner = await asyncpg.connect(ground.owner_url)
        with_chain = "; ".join([await owner.fetchval(DEFINITION, name) for name in FUNCTIONS])
        await owner.execute(FREE_SEQUENCE)
        ways = {"on": with_chain, "off": WITHOUT_CHAIN}
        viewer = await ground.counter.register()
        best = {(part, way): 0.0 for part in ("action", "recording") for way in ways}
        for turn in range(arguments.repeats):
            for way in sorted(ways, reverse=bool(turn % 2)):
                await owner.execute(ways[way])
                for part, rate in (await _rates(ground, viewer, arguments)).items():
                    best[part, way] = max(best[part, way], rate)
        await owner.close()
    return _figures(best)


async def _rates(ground: Ground, viewer: Viewer, arguments: argparse.Namespace) -> dict[str, float]:
    counter, rates = ground.counter, dict[str, float]()
    for part, way in (("action", by_action), ("recording", by_recording)):
        forms = await forms_for(counter, viewer, arguments.filings)
        rates[part] = await rate_of([await way(counter, viewer, form) for form in forms], arguments.clients)
    return rates


def _figures(best: dict[tuple[str, str], float]) -> list[Figure]:
    cost = 1 - best["action", "on"] / best["action", "off"]
    return [
        Figure("filings by the action, chain on", best["action", "on"], "1/s"),
        Figure("filings by the action, chain off", best["action", "off"], "1/s"),
        Figure("throughput that the chain costs the action", cost * 100, "%", "<= 15", cost <= TARGET_COST),
        Figure("action's transaction alone, chain on", best["recording", "on"], "1/s"),
        Figure("action's transaction alone, chain off", best["recording", "off"], "1/s"),
    ]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--filings", type=int, default=100, help="filings per turn")
    command_line.add_argument("--repeats", type=int, default=8, help="turns of each way; the best counts")
    command_line.add_argument("--clients", type=int, default=POOL_SIZE, help="how many file at the same time")
    run(command_line.parse_args(), measure)
