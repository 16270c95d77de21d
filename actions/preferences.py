"""What people want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import register
from actions.register import Record
from actions.transaction import tx
from models.people import User
from rules.register import Act

if TYPE_CHECKING:
    from actions.tools import Tools
    from reading.access import Viewer


async def set_notice_preferences(tools: Tools, viewer: Viewer, *, wants_courtesy_notices: bool) -> User:
    """Switch courtesy notices on or off; answer with the account. What is the same already is no act."""
    async with tx() as connection:
        user = await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        if user.wants_courtesy_notices == wants_courtesy_notices:
            return user
        user.wants_courtesy_notices = wants_courtesy_notices
        await user.save(update_fields=["wants_courtesy_notices"])
        detail = {"user": str(user.id), "wantsCourtesyNotices": wants_courtesy_notices}
        record = Record(Act.NOTICES_CHANGED, tools.clock(), user.role, actor_id=user.id, detail=detail)
        await register.append(connection, record)
    return user
