"""Look-up of a RUC in SUNAT's published register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tortoise.connection import get_connections

from rules.people import InvalidRuc, clean_ruc
from rules.taxpayers import Taxpayer, doubt_about

if TYPE_CHECKING:
    from datetime import date

LOOK_UP = """
SELECT l.published_on, t.ruc, t.name, t.state, t.condition
FROM (SELECT published_on FROM taxpayer_loads ORDER BY id DESC LIMIT 1) AS l LEFT JOIN taxpayers AS t ON t.ruc = $1
"""
"""One statement, so that the date is that of the register which was searched, also while another takes its place."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a number: `registered_on` is None while no register is loaded."""

    is_well_formed: bool
    problem: str | None
    registered_on: date | None
    taxpayer: Taxpayer | None


async def check_ruc(number: str) -> Finding:
    """Return what can be said of a RUC as somebody types it."""
    try:
        ruc = clean_ruc(number)
    except InvalidRuc as refusal:
        registered_on, _ = await look_up("")
        return Finding(is_well_formed=False, problem=refusal.message, registered_on=registered_on, taxpayer=None)
    registered_on, taxpayer = await look_up(ruc)
    problem = doubt_about(taxpayer, registered_on=registered_on) if registered_on else None
    return Finding(is_well_formed=True, problem=problem, registered_on=registered_on, taxpayer=taxpayer)


async def look_up(ruc: str) -> tuple[date | None, Taxpayer | None]:
    """Return the date of the register that is loaded, and whom a RUC belongs to; None for either that is not there."""
    for row in await get_connections().get("default").execute_query_dict(LOOK_UP, [ruc]):
        found = row["ruc"] is not None
        return row["published_on"], Taxpayer(ruc, row["name"], row["state"], row["condition"]) if found else None
    return None, None
