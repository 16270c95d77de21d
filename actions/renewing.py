"""Contents encrypted anew with the newest key, one by one, beside a running counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.transaction import tx

if TYPE_CHECKING:
    from files.store import Store

LOCK = "SELECT erased_at FROM contents WHERE sha256 = $1 FOR NO KEY UPDATE"


async def renew_content(store: Store, sha256: str) -> bool:
    """
    Let a content lie under the newest key alone; say whether there was anything to do.

    If it was removed while it was put anew, it goes again: what was erased must not come back. Whoever records it at
    that moment looks whether it is there, and puts it once more.

    Raises:
        ContentDamaged, StoreLocked: it cannot be read, and stays as it is.
    """
    over = await store.put_anew(sha256)
    if not over:
        return False
    async with tx() as connection:
        known = await connection.execute_query_dict(LOCK, [sha256])
        left = {held.name for held in await store.held(sha256)} & {held.name for held in over}
        if not left and not any(row["erased_at"] is None for row in known):
            await store.remove(sha256)
        for name in left:
            await store.place.remove(name)
    return bool(left)
