"""Taking a mail out of the way on the server, as far as the server lets us, and never any other mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rules.mailboxes import Placement

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from aioimaplib.aioimaplib import Response

KEYWORD: Final = "$MDP_Procesado"
"""What marks a mail that has its outcome where mails cannot be moved."""


class Mover:
    """
    Moves one mail by the best way that the server has: MOVE (RFC 6851); COPY and EXPUNGE of that UID alone (RFC 4315);
    a keyword; not at all.

    A plain EXPUNGE is never sent: it would remove what others have marked. `disproved` are capabilities that the
    server claims and does not have.
    """

    def __init__(
        self, answer: Callable[..., Awaitable[Response]], capabilities: Collection[str], *, takes_keywords: bool
    ) -> None:
        self._answer = answer
        self._capabilities = capabilities
        self._takes_keywords = takes_keywords
        self.disproved: frozenset[str] = frozenset()

    async def move(self, uid: int, folder: str) -> Placement | None:
        """Move a message to a folder, given as quoted; return where it is now, None if it should be tried again."""
        if "MOVE" in self._capabilities:
            result = await self._into(folder, "MOVE", str(uid), folder)
            if result != "BAD":
                return Placement.MOVED if result == "OK" else None
            self.disproved = frozenset({"MOVE"})
        if "UIDPLUS" in self._capabilities:
            return await self._copy_and_remove(uid, folder)
        return await self._mark(uid)

    async def _copy_and_remove(self, uid: int, folder: str) -> Placement | None:
        if await self._into(folder, "COPY", str(uid), folder) != "OK":
            return None
        # From here on nothing is tried again: each try would leave one more copy.
        flagged = await self._answer("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if flagged.result != "OK":
            return Placement.LEFT
        removed = await self._answer("EXPUNGE", str(uid))
        return Placement.MOVED if removed.result == "OK" else Placement.MARKED

    async def _mark(self, uid: int) -> Placement:
        if self._takes_keywords:
            marked = await self._answer("STORE", str(uid), "+FLAGS.SILENT", f"({KEYWORD})")
            if marked.result == "OK":
                return Placement.MARKED
        return Placement.LEFT

    async def _into(self, folder: str, name: str, *arguments: str) -> str:
        """Run a command that needs the folder; if it fails, make the folder and try once more. Return the result."""
        response = await self._answer(name, *arguments)
        if response.result == "NO":
            created = await self._answer("CREATE", folder, prefix="")
            if created.result == "OK":
                response = await self._answer(name, *arguments)
        return str(response.result)
