"""Seeds of second factors are sealed anew when the key of the settings is changed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from actions.transaction import database
from actions.vault import NONCE_BYTES, SealBroken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from actions.tools import Tools

logger = logging.getLogger(__name__)

BATCH = 200
FIRST = "00000000-0000-0000-0000-000000000000"
OUTDATED = """
SELECT id, user_id, seed, offered_seed FROM second_factors
WHERE id > $2::uuid AND NOT (coalesce(starts_with(seed, $1), true) AND coalesce(starts_with(offered_seed, $1), true))
ORDER BY id LIMIT $3
"""
RESEAL = """
UPDATE second_factors SET seed = $2, offered_seed = $3
WHERE id = $1 AND seed IS NOT DISTINCT FROM $4 AND offered_seed IS NOT DISTINCT FROM $5 RETURNING 1
"""


async def reseal_second_factors(tools: Tools) -> int:
    """
    Seal with the key of now the seeds that an earlier one sealed, about 200 at most; return how many.

    Once it finds none, the earlier key may be taken out of the settings. A seed that no key of the settings opens is
    passed over and stays as it is: it would open again with its key.
    """
    done, broken, after = 0, 0, FIRST
    while done < BATCH and (rows := await _outdated(tools, after)):
        for row in rows:
            try:
                done += await _reseal(tools, row)
            except SealBroken:
                broken += 1
        after = rows[-1]["id"]
    if broken:
        logger.warning("%d second factors cannot be opened", broken, extra={"action": "seals_broken", "count": broken})
    return done


async def _outdated(tools: Tools, after: object) -> list[dict[str, Any]]:
    current = f"{tools.vault.current_id}."
    return await database().execute_query_dict(OUTDATED, [current, str(after), BATCH])


async def _reseal(tools: Tools, row: Mapping[str, Any]) -> int:
    old = [row["seed"], row["offered_seed"]]
    new = [_resealed(tools, kept, about=row["user_id"]) if kept else None for kept in old]
    return len(await database().execute_query_dict(RESEAL, [row["id"], *new, *old]))


def _resealed(tools: Tools, kept: str, *, about: UUID) -> str:
    return tools.vault.seal(tools.vault.open(kept, about=about), about=about, nonce=tools.random_bytes(NONCE_BYTES))
