"""Queries about the counter itself; nobody needs to sign in for them."""

from typing import Annotated

import strawberry

from reading.catalogue import all_offices
from reading.policies import calendar_of_code, policy_text
from resolvers.context import Info, wanted
from resolvers.shapes.catalogue import OFFICE, dating_rule
from rules.workdays import closed_message, filed_on
from schema.catalogue import ClosedDay, Institution, Office, OfficeCalendar, OpeningHours, PrivacyPolicy
from schema.scalars import EmailAddress


@strawberry.type
class CatalogueQuery:
    """Offices, hours, policy."""

    @strawberry.field(description="The institution (entidad) whose counter this is.")
    async def institution(self, info: Info) -> Institution:
        """Return how it names itself."""
        known = info.context.tools.institution
        return Institution(
            name=known.name,
            unit=known.unit,
            ruc=known.ruc,
            intake_address=EmailAddress(known.intake_address),
            source_url=known.where_source_is,
        )

    @strawberry.field(description="The offices (dependencias) to which documents can be addressed.")
    async def offices(self, info: Info) -> list[Office]:
        """Return all offices."""
        return await OFFICE.show(await all_offices(), wanted(info), await info.context.scene())

    @strawberry.field(description="Whether an office is open now, and the legal date of what is sent now.")
    async def opening_hours(
        self,
        info: Info,
        office_code: Annotated[str, strawberry.argument(description="Code of the office (dependencia).")],
    ) -> OpeningHours:
        """Return the hours of one office."""
        now = info.context.tools.clock()
        office, calendar = await calendar_of_code(office_code, at=now)
        [shown] = await OFFICE.show([office], wanted(info, "office"), await info.context.scene())
        return OpeningHours(
            is_open=calendar.is_open(now),
            filed_on_if_sent_now=filed_on(now, calendar).day,
            next_opening=calendar.next_opening(now),
            rule=dating_rule(calendar.policy),
            message=closed_message(now, calendar),
            office=shown,
        )

    @strawberry.field(description="The legal calendar (calendario) of an office: the days of a year that do not count.")
    async def calendar(
        self,
        info: Info,
        office_code: Annotated[str, strawberry.argument(description="Code of the office (dependencia).")],
        year: Annotated[int, strawberry.argument(description="The year, from 1990 to 2100.")],
    ) -> OfficeCalendar:
        """Return one year of one office."""
        _, calendar = await calendar_of_code(office_code, at=info.context.tools.clock())
        days = [ClosedDay(day=day, reason=why.name, source=why.source) for day, why in calendar.closed_in(year)]
        return OfficeCalendar(version=calendar.version, closed_days=days)

    @strawberry.field(description="A privacy policy (política de privacidad): the one in force, or an earlier one.")
    async def privacy_policy(
        self,
        info: Info,
        version: Annotated[str | None, strawberry.argument(description="Which; left out for the one in force.")] = None,
    ) -> PrivacyPolicy | None:
        """Return a policy; null for a version that never was."""
        institution = info.context.tools.institution
        if version is None or version == institution.privacy_policy_version:
            return PrivacyPolicy(version=institution.privacy_policy_version, text=institution.privacy_policy)
        earlier = await policy_text(version)
        return PrivacyPolicy(version=earlier.version, text=earlier.text) if earlier else None
