"""Has the text of stored contents read in the jail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from files.texts import TEXT, Slice

if TYPE_CHECKING:
    from files.sieving import Runner
    from files.store import Store

READ_TIME = timedelta(seconds=60)
"""For a slice, which ends by itself after some seconds, or for one page or Office file that takes long."""


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads the text of stored contents; its jail is for nothing else, so that nobody waits for it."""

    runner: Runner
    store: Store

    async def read(self, sha256: str, *, first: int, most_pages: int, most_characters: int) -> Slice:
        """
        Return a slice of a content's text, from the page *first* on.

        Raises:
            JailFailed: it could not be read, for a reason that may pass.
            JailFull, JailBroken: nothing can be, for now.
            ContentMissing: it is not there.
        """
        limits = {"most_pages": most_pages, "most_characters": most_characters}
        async with self.store.as_file(sha256) as path:
            asked = {"path": str(path), "first": first} | limits
            said = await self.runner.run(TEXT, json.dumps(asked).encode(), timeout=READ_TIME)
        return Slice.from_json(said)
