"""Who looks, for root fields that are read by plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.refusals import NotSignedIn
from rules.second_factors import SecondFactorMissing

if TYPE_CHECKING:
    from reading.access import Viewer
    from resolvers.context import Context


async def viewer_of(context: Context) -> Viewer:
    """
    Return who is signed in, as `context.signed_in` does for a resolver.

    Raises:
        NotSignedIn: nobody is.
        SecondFactorMissing: somebody is, but for the second factor.
    """
    holder = await context.holder()
    if holder is None:
        raise NotSignedIn
    if holder.awaits_second_factor:
        raise SecondFactorMissing
    return holder
