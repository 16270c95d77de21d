"""Documents that were found in order, kept under the digest of their text: so many, and no more."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resolvers.engine.execution import Prepared
    from resolvers.engine.judging import Judged

MOST_DOCUMENTS = 1_000
MOST_TOKENS = 60_000
"""How many tokens all documents that are kept may have together; parsed, each takes about a kilobyte."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that was found in order, and its operations, prepared as they were asked for."""

    digest: str
    judged: Judged
    operations: dict[str | None, Prepared] = field(default_factory=dict)


class Documents:
    """Parsed documents that were found in order, the most recent ones: front ends send the same few all day."""

    def __init__(self, *, most: int = MOST_DOCUMENTS, most_tokens: int = MOST_TOKENS) -> None:
        self._most, self._most_tokens = most, most_tokens
        self._kept = OrderedDict[str, Kept]()
        self._tokens = 0

    def get(self, digest: str) -> Kept | None:
        """Return the document of that digest, if it is known; asking keeps it among the recent ones."""
        kept = self._kept.get(digest)
        if kept is not None:
            self._kept.move_to_end(digest)
        return kept

    def keep(self, kept: Kept) -> None:
        """Keep a document, and forget those that were not asked for for longest, as many as are too many."""
        self._kept[kept.digest] = kept
        self._tokens += kept.judged.document.token_count
        while len(self._kept) > self._most or self._tokens > self._most_tokens:
            self._tokens -= self._kept.popitem(last=False)[1].judged.document.token_count


def digest_of(text: str) -> str:
    """Return the SHA-256 by which a document is known, in hexadecimal digits."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
