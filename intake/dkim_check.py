"""Our own check of DKIM signatures (RFC 6376): found and verified in the jail, their keys looked up between."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from files.jail import JailBroken, JailFailed, JailFull
from rules.files import MEGABYTE

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from files.sieving import Runner
    from intake.dkim_keys import Keys

logger = logging.getLogger(__name__)

FIND: Final = "intake.dkim_seals:find_json"
CHECK: Final = "intake.dkim_seals:check_json"
"""The names by which the jail knows the two steps; the library they need is loaded there only."""

STEP_TIME: Final = timedelta(seconds=5)
STEP_TIME_PER_MEGABYTE: Final = timedelta(milliseconds=100)
MEMORY_BYTES: Final = 256 * MEGABYTE


class DkimCheck:
    """Says which domains vouch for a mail. *jail* must know the two steps of `intake.dkim_seals`."""

    def __init__(self, jail: Runner, keys: Keys) -> None:
        self._jail = jail
        self._keys = keys

    async def signers_of(self, path: Path, *, domain: str, received_at: datetime) -> frozenset[str]:
        """
        Return the domains that vouch for the mail in the file, of those that may speak for *domain*.

        The DNS is asked only for keys of signatures whose hash of the body is right. Never raises, on any bytes.
        """
        asked = {"path": str(path), "domain": domain, "at": int(received_at.timestamp())}
        try:
            found = await self._step(FIND, path, asked)
            records = await self._keys.records_of([name for _, name in found]) if found else {}
            keys = [(place, records[name]) for place, name in found if name in records]
            return frozenset(await self._step(CHECK, path, asked | {"keys": keys}) if keys else ())
        except (JailFailed, JailFull, JailBroken, OSError) as error:
            logger.warning("DKIM was not checked: %s", type(error).__name__, extra={"action": "dkim_not_checked"})
            return frozenset()

    async def _step(self, name: str, path: Path, asked: dict[str, Any]) -> list[Any]:
        size_bytes = await asyncio.to_thread(os.path.getsize, path)
        allowed = STEP_TIME + STEP_TIME_PER_MEGABYTE * (size_bytes / MEGABYTE)
        return json.loads(await self._jail.run(name, json.dumps(asked).encode(), timeout=allowed))
