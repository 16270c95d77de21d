"""Files that come with the link of a filing to be completed: their sender has no session, and so no uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from actions import completing, gate
from actions.storing import refusal_of
from actions.uploads import NoSuchUpload
from files.store import StoreUnavailable
from rules.refusals import Refusal
from rules.throttling import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from actions.completing import Brought
    from resolvers.context import Context
    from resolvers.engine.uploads import Keep, VariablePath


async def link_keeper_of(context: Context) -> Keep | None:
    """Return who keeps the files of a request that shows a link that is good; None without one."""
    if context.filing_link is None:
        return None
    try:
        await gate.admit(context.tools, Door.COMPLETE_FILING, context.client)
        await completing.open_completion(context.tools, context.filing_link)
    except Refusal:
        return None

    async def keep(_place: VariablePath, name: str, chunks: AsyncIterator[bytes]) -> str:
        place = uuid4()
        try:
            context.brought[place] = await completing.receive_file(context.tools, name, chunks)
        except (Refusal, StoreUnavailable) as error:
            context.refused_files[place] = refusal_of(error)
        return str(place)

    return keep


def take_brought(context: Context, place: UUID, *path: str) -> Brought:
    """
    Return a file that came with this request.

    Raises:
        Refusal: it was refused, or there is none.
    """
    if refusal := context.refused_files.get(place):
        raise refusal.at(*path)
    if place not in context.brought:
        raise NoSuchUpload().at(*path)
    return context.brought[place]
