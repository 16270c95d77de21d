"""Administration: what is decided, and deciding it otherwise."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from actions import calendar, declaring, offices
from actions import counter_policy as policies
from actions.calendar import Origin
from models.catalogue import Office
from reading import administration as reading
from reading.administration import Page
from resolvers.context import Info, signed_in, wanted
from resolvers.shapes.administration import (
    ADMINISTERED_OFFICE,
    CALENDAR_VERSION,
    CHANGE,
    FILING_POLICY_FROM,
    POLICY_VERSION,
    administered,
    counter_policy_of,
    file_limits_of,
)
from rules.counter_policy import PolicyForm
from rules.holidays import GivenDay
from schema import administration as api
from schema import decisions
from schema.described import takes
from schema.finding import PageInfo

First = Annotated[int, strawberry.argument(description="How many, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")]


@strawberry.type
class AdministrationQuery:
    """What is decided."""

    @strawberry.field(
        description="What administrators decide, as it stands; null for all but administrators and auditors."
    )
    async def administration(self, info: Info) -> api.Administration | None:
        """Return all of it."""
        viewer = await signed_in(info)
        if not reading.sees_administration(viewer):
            return None
        decided, tools, scene = await reading.decided_now(), info.context.tools, await info.context.scene()
        return api.Administration(
            offices=await administered(decided, wanted(info, "offices"), scene),
            offices_version=offices.version_of(decided.offices),
            calendar_version=decided.latest.calendar_name,
            filing_policies=await FILING_POLICY_FROM.show(decided.dating, wanted(info, "filingPolicies"), scene),
            policy=counter_policy_of(await policies.policy_of(tools, latest=decided.latest)),
            policy_version=decided.latest.policy_number,
        )

    @strawberry.field(
        description="The versions of the legal calendar (calendario), the latest first; none for all but "
        "administrators and auditors."
    )
    async def calendar_versions(
        self, info: Info, first: First = 20, after: After = None
    ) -> api.CalendarVersionConnection:
        """Return a page of versions."""
        page = await reading.calendar_versions(await signed_in(info), first=first, after=after)
        nodes = await CALENDAR_VERSION.show(page.rows, wanted(info, "edges", "node"), await info.context.scene())
        edges = [
            api.CalendarVersionEdge(cursor=place, node=node) for place, node in zip(page.places, nodes, strict=True)
        ]
        return api.CalendarVersionConnection(edges=edges, page_info=_page_info(page, after))

    @strawberry.field(
        description="The versions of the counter's policy (reglas de recepción), the latest first; none for all but "
        "administrators and auditors."
    )
    async def policy_versions(self, info: Info, first: First = 20, after: After = None) -> api.PolicyVersionConnection:
        """Return a page of versions."""
        page = await reading.policy_versions(await signed_in(info), first=first, after=after)
        nodes = await POLICY_VERSION.show(page.rows, wanted(info, "edges", "node"), await info.context.scene())
        edges = [api.PolicyVersionEdge(cursor=place, node=node) for place, node in zip(page.places, nodes, strict=True)]
        return api.PolicyVersionConnection(edges=edges, page_info=_page_info(page, after))

    @strawberry.field(
        description="The changes of offices, calendar, policy and service tokens in the register, the latest first; "
        "none for all but administrators and auditors."
    )
    async def administration_changes(
        self, info: Info, first: First = 20, after: After = None
    ) -> api.AdministrationChangeConnection:
        """Return a page of changes."""
        page = await reading.changes(await signed_in(info), first=first, after=after)
        nodes = await CHANGE.show(page.rows, wanted(info, "edges", "node"), await info.context.scene())
        edges = [
            api.AdministrationChangeEdge(cursor=place, node=node)
            for place, node in zip(page.places, nodes, strict=True)
        ]
        return api.AdministrationChangeConnection(edges=edges, page_info=_page_info(page, after))

    @strawberry.field(description="What is taken of files at this moment (archivos que se reciben), for everybody.")
    async def file_limits(self, info: Info) -> api.FileLimits:
        """Return what is taken of files."""
        return file_limits_of(await policies.policy_of(info.context.tools))


@strawberry.type
class AdministrationMutation:
    """Decide otherwise; for administrators. Nothing is judged or dated again by a later decision."""

    @strawberry.mutation(description="Add an office (agregar una dependencia). Administrators only.")
    async def add_office(
        self, info: Info, given: Annotated[decisions.AddOfficeInput, takes("The office.")]
    ) -> decisions.AddOfficeResult:
        """Add an office."""
        given_form: dict[str, Any] = asdict(given)
        key = given_form.pop("client_key")
        form = offices.OfficeForm(**given_form)
        office = await offices.add_office(info.context.tools, await signed_in(info), form, client_key=key)
        return decisions.AddOfficeSuccess(office=await _office(info, office))

    @strawberry.mutation(description="Rename an office (renombrar una dependencia). Administrators only.")
    async def rename_office(
        self, info: Info, given: Annotated[decisions.RenameOfficeInput, takes("The office, and its name.")]
    ) -> decisions.RenameOfficeResult:
        """Rename an office."""
        office = await offices.rename_office(info.context.tools, await signed_in(info), **asdict(given))
        return decisions.RenameOfficeSuccess(office=await _office(info, office))

    @strawberry.mutation(
        description="Let an office take no more documents (retirar una dependencia); what it has stays, and can be "
        "referred away. Administrators only."
    )
    async def retire_office(
        self, info: Info, given: Annotated[decisions.RetireOfficeInput, takes("The office.")]
    ) -> decisions.RetireOfficeResult:
        """Retire an office."""
        office = await offices.retire_office(info.context.tools, await signed_in(info), **asdict(given))
        return decisions.RetireOfficeSuccess(office=await _office(info, office))

    @strawberry.mutation(
        description="Let a retired office take documents again (reabrir una dependencia). Administrators only."
    )
    async def reopen_office(
        self, info: Info, given: Annotated[decisions.ReopenOfficeInput, takes("The office.")]
    ) -> decisions.ReopenOfficeResult:
        """Open a retired office."""
        office = await offices.reopen_office(info.context.tools, await signed_in(info), **asdict(given))
        return decisions.ReopenOfficeSuccess(office=await _office(info, office))

    @strawberry.mutation(description="List the offices in another order (ordenar dependencias). Administrators only.")
    async def reorder_offices(
        self, info: Info, given: Annotated[decisions.ReorderOfficesInput, takes("The order.")]
    ) -> decisions.ReorderOfficesResult:
        """Reorder the offices."""
        rows = await offices.reorder_offices(info.context.tools, await signed_in(info), **asdict(given))
        return decisions.ReorderOfficesSuccess(offices=await _offices(info, rows, "offices"))

    @strawberry.mutation(
        description="Open an office in other hours from a day on (cambiar el horario). Administrators only."
    )
    async def change_hours(
        self, info: Info, given: Annotated[decisions.ChangeHoursInput, takes("The hours.")]
    ) -> decisions.ChangeHoursResult:
        """Change the hours of an office."""
        form: dict[str, Any] = asdict(given)
        origin = Origin(await signed_in(info), form.pop("expected_version"))
        version = await calendar.change_hours(**form, now=info.context.tools.clock(), origin=origin)
        return decisions.ChangeHoursSuccess(calendar_version=version)

    @strawberry.mutation(
        description="Let the hour of sending count otherwise from a day on (cambiar la regla de la fecha de "
        "presentación). Administrators only."
    )
    async def change_filing_policy(
        self, info: Info, given: Annotated[decisions.ChangeFilingPolicyInput, takes("The policy.")]
    ) -> decisions.ChangeFilingPolicyResult:
        """Change the filing policy."""
        form: dict[str, Any] = asdict(given)
        origin = Origin(await signed_in(info), form.pop("expected_version"))
        version = await calendar.change_policy(**form, now=info.context.tools.clock(), origin=origin)
        return decisions.ChangeFilingPolicySuccess(calendar_version=version)

    @strawberry.mutation(
        description="Declare days that do not count, or again do (declarar días no laborables). Administrators only."
    )
    async def declare_days(
        self, info: Info, given: Annotated[decisions.DeclareDaysInput, takes("The days.")]
    ) -> decisions.DeclareDaysResult:
        """Declare days."""
        origin = Origin(await signed_in(info), given.expected_version)
        days = [GivenDay(**asdict(day)) for day in given.days]
        version = await declaring.declare_typed(info.context.tools, origin, days)
        return decisions.DeclareDaysSuccess(calendar_version=version)

    @strawberry.mutation(
        description="Declare the days of a file (importar días no laborables), all or none. Administrators only."
    )
    async def import_days(
        self, info: Info, given: Annotated[decisions.ImportDaysInput, takes("The file.")]
    ) -> decisions.ImportDaysResult:
        """Declare the days of a file."""
        origin = Origin(await signed_in(info), given.expected_version)
        return decisions.ImportDaysSuccess(
            calendar_version=await declaring.declare_file(info.context.tools, origin, given.csv)
        )

    @strawberry.mutation(
        description="Decide otherwise about files, quotas, drafts and corrections (cambiar las reglas de recepción), "
        "from now or from a day on. Administrators only."
    )
    async def change_counter_policy(
        self, info: Info, given: Annotated[decisions.ChangeCounterPolicyInput, takes("What shall be otherwise.")]
    ) -> decisions.ChangeCounterPolicyResult:
        """Change the counter's policy."""
        form: dict[str, Any] = asdict(given)
        named = {name: form.pop(name) for name in ("from_on", "expected_version")}
        row = await policies.change_policy(info.context.tools, await signed_in(info), PolicyForm(**form), **named)
        [version] = await POLICY_VERSION.show([row], wanted(info, "version"), await info.context.scene())
        return decisions.ChangeCounterPolicySuccess(version=version)


async def _offices(info: Info, rows: Sequence[Office], field: str) -> list[api.AdministeredOffice]:
    return await ADMINISTERED_OFFICE.show(rows, wanted(info, field), await info.context.scene())


async def _office(info: Info, office: Office) -> api.AdministeredOffice:
    [shown] = await _offices(info, [office], "office")
    return shown


def _page_info(page: Page[Any], after: str | None) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.places[0] if page.places else None,
        end_cursor=page.places[-1] if page.places else None,
    )
