"""What is kept about the viewer, the periods for which it is kept, and the closing of one's account."""

from typing import Annotated

import strawberry

from actions import closures, retention
from reading import closures as reading_closures
from reading import personal_data as reading
from reading import retention as reading_retention
from resolvers.context import Info, signed_in
from resolvers.shapes import personal_data as shapes
from schema import personal_data as api
from schema.account_enums import RetentionKind
from schema.described import takes

First = Annotated[int, strawberry.argument(description="How many, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")]


@strawberry.type
class PersonalDataQuery:
    """One's own data, and the periods."""

    @strawberry.field(description="All that the counter holds about the viewer (datos personales): the kinds.")
    async def personal_data(self, info: Info) -> api.PersonalData:
        """Return the report."""
        viewer, tools = await signed_in(info), info.context.tools
        url = f"{tools.institution.public_url}/personal-data"
        return shapes.report(await reading.kept_summaries(viewer), made_at=tools.clock(), url=url)

    @strawberry.field(description="What is kept about the viewer of one kind, the latest first.")
    async def kept_things(
        self,
        info: Info,
        kind: Annotated[RetentionKind, strawberry.argument(description="Of which kind.")],
        first: First = 20,
        after: After = None,
    ) -> api.KeptThingConnection:
        """Return one page."""
        return shapes.things(await reading.kept_page(await signed_in(info), kind, first=first, after=after))

    @strawberry.field(description="The closing of the viewer's account that waits; null if none does.")
    async def account_closure(self, info: Info) -> api.AccountClosure | None:
        """Return it."""
        viewer = await signed_in(info)
        row = await reading_closures.closure_of(viewer)
        return shapes.closure(row, open_tramites=await reading_closures.open_tramites_of(viewer)) if row else None

    @strawberry.field(
        description="For how long things are kept (política de conservación). For administrators and auditors; null "
        "to others."
    )
    async def retention(self, info: Info) -> api.Retention | None:
        """Return the periods in force."""
        now = await reading_retention.retention_for(await signed_in(info))
        return shapes.retention(now) if now else None

    @strawberry.field(
        description="The last hundred changes of the periods, the latest first. For administrators and auditors; none "
        "to others."
    )
    async def retention_versions(self, info: Info) -> list[api.RetentionVersion]:
        """Return the changes."""
        return [shapes.version(row) for row in await reading_retention.versions_for(await signed_in(info))]

    @strawberry.field(
        description="What would be erased now, kind by kind; it changes nothing. For administrators and auditors; "
        "nothing to others."
    )
    async def retention_preview(self, info: Info) -> list[api.OverdueKind]:
        """Return what is past its time."""
        viewer = await signed_in(info)
        found = await reading_retention.preview_for(viewer, at=info.context.tools.clock())
        return [shapes.overdue(each) for each in found]


@strawberry.type
class PersonalDataMutation:
    """Set periods, close one's account."""

    @strawberry.mutation(description="Set for how long a kind is kept (plazo de conservación). Administrators.")
    async def set_retention_period(
        self, info: Info, given: Annotated[api.SetRetentionPeriodInput, takes("Kind and days.")]
    ) -> api.SetRetentionPeriodResult:
        """Set."""
        viewer = await signed_in(info)
        seen, tools = given.expected_version, info.context.tools
        now = await retention.set_period(tools, viewer, given.kind, days=given.days, expected_version=seen)
        return api.SetRetentionPeriodSuccess(retention=shapes.retention(now))

    @strawberry.mutation(
        description="Let what is past its time be erased by itself each day, or not. Administrators. Look at "
        "`retentionPreview` first: what is erased does not come back."
    )
    async def switch_erasing(
        self, info: Info, given: Annotated[api.SwitchErasingInput, takes("On or off.")]
    ) -> api.SwitchErasingResult:
        """Switch."""
        viewer = await signed_in(info)
        seen, tools = given.expected_version, info.context.tools
        now = await retention.switch_erasing(tools, viewer, is_applied=given.is_applied, expected_version=seen)
        return api.SwitchErasingSuccess(retention=shapes.retention(now))

    @strawberry.mutation(
        description="Ask to close the viewer's account (cerrar la cuenta): in seven days, or when their last open "
        "trámite has ended. What they filed stays; the rest of what is kept about them goes. Not for staff."
    )
    async def request_account_closure(
        self, info: Info, given: Annotated[api.RequestAccountClosureInput, takes("The password again.")]
    ) -> api.RequestAccountClosureResult:
        """Ask."""
        viewer, tools = await signed_in(info), info.context.tools
        row = await closures.request_closure(tools, viewer, given.current_password, client=info.context.client)
        open_tramites = await reading_closures.open_tramites_of(viewer)
        return api.RequestAccountClosureSuccess(closure=shapes.closure(row, open_tramites=open_tramites))

    @strawberry.mutation(description="Stop the closing of the viewer's account that waits.")
    async def stop_account_closure(self, info: Info) -> api.StopAccountClosureResult:
        """Stop."""
        await closures.stop_closure(info.context.tools, await signed_in(info))
        return api.StopAccountClosureSuccess(is_stopped=True)
