"""Documents that were found in order are known from then on: front ends send the same few all day."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strawberry.types import ExecutionContext

MOST = 1_000


class KnownDocuments:
    """The digests of those that passed every rule, the most recent ones; of what somebody sent nothing else is kept."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._digests = OrderedDict[bytes, None]()

    def knows(self, digest: bytes) -> bool:
        """Tell whether it passed; asking keeps it among the recent ones."""
        if digest not in self._digests:
            return False
        self._digests.move_to_end(digest)
        return True

    def learn(self, digest: bytes) -> None:
        """Note that it passed, and forget the one that was not seen for longest."""
        self._digests[digest] = None
        if len(self._digests) > self._most:
            self._digests.popitem(last=False)


def digest_of(execution: ExecutionContext) -> bytes:
    """Return what names a document together with the rules it is judged by."""
    rules = ",".join(rule.__qualname__ for rule in execution.validation_rules)
    return sha256(f"{rules}\n{execution.query}".encode(errors="surrogatepass")).digest()
