"""The register and the sensitive reads, for auditors."""

from typing import Annotated
from uuid import UUID

import strawberry

from actions.reads import note_range
from reading import register as reading
from resolvers.context import Info, signed_in
from resolvers.shapes import register as shapes
from rules.reads import ReadKind
from schema import register as api
from schema.tramite_enums import Act

First = Annotated[int, strawberry.argument(description="How many, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")]
Number = Annotated[str | None, strawberry.argument(description="Only those about the trámite of this number.")]
Kind = Annotated[ReadKind | None, strawberry.argument(description="Only those of this kind.")]


@strawberry.type
class RegisterQuery:
    """What auditors see."""

    @strawberry.field(
        description="The register (registro de actos), the oldest act first. For auditors; to others it is empty. That "
        "it was read is recorded too."
    )
    async def register(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        act: Annotated[Act | None, strawberry.argument(description="Only acts of this kind.")] = None,
        tramite: Number = None,
        actor_id: Annotated[UUID | None, strawberry.argument(description="Only those of this account.")] = None,
    ) -> api.RegisterConnection:
        """Return one page."""
        viewer = await signed_in(info)
        wanted = reading.ActsWanted(act=act, tramite=tramite, actor_id=actor_id)
        page = await reading.acts_page(viewer, wanted, first=first, after=after)
        seen = [entry.sequence for entry in page.entries]
        await note_range(info.context.tools, viewer, ReadKind.REGISTER, seen)
        return shapes.acts(page, after=after)

    @strawberry.field(
        description="Sensitive reads (registro de consultas): who was shown what is about others, the oldest first. "
        "For auditors; to others there are none. That they were read is recorded too."
    )
    async def sensitive_reads(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        kind: Kind = None,
        tramite: Number = None,
        viewer_id: Annotated[UUID | None, strawberry.argument(description="Only what this account was shown.")] = None,
        subject_id: Annotated[
            UUID | None, strawberry.argument(description="Only what is about this person, or this one thing.")
        ] = None,
    ) -> api.SensitiveReadConnection:
        """Return one page."""
        viewer = await signed_in(info)
        wanted = reading.ReadsWanted(kind=kind, tramite=tramite, viewer_id=viewer_id, subject_id=subject_id)
        page = await reading.reads_page(viewer, wanted, first=first, after=after)
        seen = [entry.sequence for entry in page.entries]
        await note_range(info.context.tools, viewer, ReadKind.READS, seen)
        return shapes.reads(page, after=after)
