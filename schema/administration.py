"""Administration (administración): offices, hours, calendar and the counter's policy, as those who decide see them."""

import datetime as dt

import strawberry

from schema.account_enums import Role
from schema.described import says
from schema.file_enums import Finding
from schema.finding import PageInfo
from schema.scalars import ClockTime
from schema.tramite_enums import Act, FilingPolicy


@strawberry.type(description="Opening hours (horario de atención) of an office from a day on.")
class HoursFrom:
    """Hours from a day on."""

    from_on: dt.date = says("The first day on which they hold.")
    opens_at: ClockTime = says("When the desk opens (horario de atención).")
    closes_at: ClockTime = says("When the desk closes (horario de atención).")


@strawberry.type(description="An office (dependencia) as administrators see it.")
class AdministeredOffice:
    """An office."""

    code: str = says("Its code, which never changes.")
    name: str = says("Its name in Spanish.")
    position: int = says("Its place in the list of offices.")
    version: int = says("Its version, to be sent along with a change of it.")
    is_open_for_filing: bool = says("Whether documents can be addressed to it; false once it is retired.")
    retired_at: dt.datetime | None = says("Since when it takes no more documents (retirada); null while it does.")
    opens_at: ClockTime = says("When its desk opened in its first hours (horario de atención).")
    closes_at: ClockTime = says("When its desk closed in its first hours (horario de atención).")
    hours_changes: list[HoursFrom] = says("From when it has other hours, the latest first; at most 20.")


@strawberry.type(description="From a day on, the hour of sending counts by this policy.")
class FilingPolicyFrom:
    """A filing policy from a day on."""

    from_on: dt.date = says("The first day on which it holds.")
    policy: FilingPolicy = says("How the hour of sending counts.")


@strawberry.type(description="What is taken of files at this moment (archivos que se reciben). Everybody may ask.")
class FileLimits:
    """Kinds and sizes."""

    main_kinds: list[str] = says("Extensions of a main document (documento principal), without dot.")
    annex_kinds: list[str] = says("Extensions of an annex (anexo), without dot.")
    refused_findings: list[Finding] = says("For which findings (hallazgos) a file is not taken.")
    main_max_mb: int = says("MB (of 1,048,576 bytes) that a main document may have.")
    first_annex_max_mb: int = says("MB that the first annex may have.")
    other_annex_max_mb: int = says("MB that each other annex may have.")
    max_annexes: int = says("How many annexes may go with one document.")


@strawberry.type(description="The counter's policy (reglas de recepción) as it holds at one instant.")
class CounterPolicy:
    """All that is decided."""

    files: FileLimits = says("What is taken of files.")
    uploads_each: int = says("Files that one person may have waiting to be filed.")
    unfiled_mb_each: int = says("MB that they may have together.")
    drafts_each: int = says("Drafts (borradores) that one person may have.")
    draft_days: int = says("Days that a draft lives after it was saved.")
    correction_working_days: int = says("Working days to correct what was observed (plazo de subsanación).")
    correction_keeps_date: bool = says(
        "Whether a corrected trámite keeps its legal date (fecha de presentación); else it is dated by the correction."
    )


@strawberry.type(description="Something that was changed, by name.")
class ChangeDetail:
    """A name and a value."""

    name: str = says("Its name.")
    value: str = says("Its value, as text; JSON if it is a list or has parts.")


@strawberry.type(description="A change of the counter's policy: a new version, from an instant on.")
class PolicyVersion:
    """A version."""

    version: int = says("Its number; the next change names the latest one.")
    made_at: dt.datetime = says("When it was decided.")
    from_at: dt.datetime = says("From when it holds, never earlier than it was decided.")
    changes: list[ChangeDetail] = says("What holds from then on, by the names of CounterPolicy and FileLimits.")


@strawberry.type(description="A version of the counter's policy in a list.")
class PolicyVersionEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: PolicyVersion = says("The version.")


@strawberry.type(description="A page of versions of the counter's policy, the latest first.")
class PolicyVersionConnection:
    """A page."""

    edges: list[PolicyVersionEdge] = says("The versions of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(description="A version of the legal calendar (calendario).")
class CalendarVersion:
    """A version."""

    name: str = says("Its name, which each date that it gave names.")
    made_at: dt.datetime = says("When it was made known.")
    change: str = says("What it changed, in Spanish.")


@strawberry.type(description="A version of the calendar in a list.")
class CalendarVersionEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: CalendarVersion = says("The version.")


@strawberry.type(description="A page of versions of the calendar, the latest first.")
class CalendarVersionConnection:
    """A page."""

    edges: list[CalendarVersionEdge] = says("The versions of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(description="Who changed something.")
class ChangeAuthor:
    """A person."""

    full_name: str = says("Given names and surnames.")


@strawberry.type(description="A change of offices, calendar or policy, as it stands in the register.")
class AdministrationChange:
    """An act."""

    act: Act = says("What was changed.")
    at: dt.datetime = says("When.")
    role: Role = says("In which role; SYSTEM from the command line.")
    author: ChangeAuthor | None = says("Who changed it; null from the command line.")
    details: list[ChangeDetail] = says("What was changed, and to what.")


@strawberry.type(description="A change in a list.")
class AdministrationChangeEdge:
    """An entry of a page."""

    cursor: str = says("Its place in the list; opaque.")
    node: AdministrationChange = says("The change.")


@strawberry.type(description="A page of changes, the latest first.")
class AdministrationChangeConnection:
    """A page."""

    edges: list[AdministrationChangeEdge] = says("The changes of this page.")
    page_info: PageInfo = says("Where the page ends.")


@strawberry.type(description="What administrators decide, as it stands, with the versions that a change must name.")
class Administration:
    """All of it."""

    offices: list[AdministeredOffice] = says("All offices in their order, retired ones too; at most 200.")
    offices_version: int = says("Version of the list of offices, which a new order names.")
    calendar_version: str = says("Latest version of the calendar, which changes of hours, days and dating name.")
    filing_policies: list[FilingPolicyFrom] = says("From when the hour of sending counts how, the latest first.")
    policy: CounterPolicy = says("The counter's policy as it holds at this moment.")
    policy_version: int = says("Latest version of the counter's policy, perhaps of one to come.")
