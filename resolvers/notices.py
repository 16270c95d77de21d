"""Which notices the viewer wants."""

from typing import Annotated

import strawberry

from actions import preferences
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.people import USER
from schema.described import takes
from schema.notices import SetNoticePreferencesInput, SetNoticePreferencesResult, SetNoticePreferencesSuccess


@strawberry.type
class NoticeMutation:
    """Switch courtesy notices on and off."""

    @strawberry.mutation(
        description="Choose which notices (avisos) to get by mail. What is switched off stands among the notices of "
        "the trámite as suppressed."
    )
    async def set_notice_preferences(
        self, info: Info, given: Annotated[SetNoticePreferencesInput, takes("The preferences.")]
    ) -> SetNoticePreferencesResult:
        """Set them."""
        tools, viewer = info.context.tools, await signed_in(info)
        changed = await preferences.set_notice_preferences(
            tools, viewer, wants_courtesy_notices=given.wants_courtesy_notices
        )
        [user] = await USER.show([changed], wanted(info, "user"), await info.context.scene())
        return SetNoticePreferencesSuccess(user=user)
