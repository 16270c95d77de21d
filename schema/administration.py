"""Administration (administración): offices, hours, calendar and the counter's policy, as those who decide see them."""

import datetime as dt
from typing import Annotated, TypeAlias

import strawberry

from schema import refusals
from schema.described import optional, says
from schema.enums import Act, FilingPolicy, PagesProblem, Role
from schema.finding import PageInfo
from schema.scalars import ClockTime

EXPECTED = "Version that was shown when the change was begun; if there is a later one, nothing is changed."


@strawberry.type(description="Opening hours (horario de atención) of an office from a day on.")
class HoursFrom:
    """Hours from a day on."""

    from_on: dt.date = says("The first day on which they hold.")
    opens_at: ClockTime = says("When the desk opens.")
    closes_at: ClockTime = says("When the desk closes.")


@strawberry.type(description="An office (dependencia) as administrators see it.")
class AdministeredOffice:
    """An office."""

    code: str = says("Its code, which never changes.")
    name: str = says("Its name in Spanish.")
    position: int = says("Its place in the list of offices.")
    version: int = says("Its version, to be sent along with a change of it.")
    is_open_for_filing: bool = says("Whether documents can be addressed to it; false once it is retired.")
    retired_at: dt.datetime | None = says("Since when it takes no more documents (retirada); null while it does.")
    opens_at: ClockTime = says("When its desk opened in its first hours.")
    closes_at: ClockTime = says("When its desk closed in its first hours.")
    hours_changes: list[HoursFrom] = says("From when it has other hours, the latest first; at most 100.")


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
    refused_problems: list[PagesProblem] = says("What is refused of a PDF.")
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


@strawberry.input(description="A new office (agregar una dependencia).")
class AddOfficeInput:
    """A new office."""

    code: str = says("Its code, for ever: up to 20 capital letters, digits and hyphens.")
    name: str = says("Its name in Spanish, up to 120 characters.")
    opens_at: str = says("When its desk opens, HH:MM.")
    closes_at: str = says("When its desk closes, HH:MM.")
    position: int | None = optional("Its place in the list, from 1; the last if left out.")


@strawberry.input(description="Another name for an office (renombrar una dependencia).")
class RenameOfficeInput:
    """Another name."""

    code: str = says("Code of the office.")
    name: str = says("The new name, up to 120 characters.")
    expected_version: int = says(EXPECTED)


@strawberry.input(description="An office that shall take no more documents (retirar una dependencia).")
class RetireOfficeInput:
    """An office to retire."""

    code: str = says("Code of the office.")
    expected_version: int = says(EXPECTED)


@strawberry.input(description="A retired office that shall take documents again (reabrir una dependencia).")
class ReopenOfficeInput:
    """An office to open again."""

    code: str = says("Code of the office.")
    expected_version: int = says(EXPECTED)


@strawberry.input(description="Another order of the offices (ordenar las dependencias).")
class ReorderOfficesInput:
    """Another order."""

    codes: list[str] = says("Codes of all offices, retired ones too, in the new order.")
    expected_version: int = says("Version of the list; if there is a later one, nothing is changed.")


@strawberry.input(description="Other opening hours for an office from a day on (cambiar el horario).")
class ChangeHoursInput:
    """Other hours."""

    office_code: str = says("Code of the office.")
    opens_at: str = says("When its desk opens, HH:MM.")
    closes_at: str = says("When its desk closes, HH:MM.")
    from_on: dt.date = says("The first day on which they hold, after today.")
    expected_version: str = says(EXPECTED)


@strawberry.input(description="Another filing policy from a day on (cambiar la regla de la fecha de presentación).")
class ChangeFilingPolicyInput:
    """Another filing policy."""

    policy: FilingPolicy = says("How the hour of sending shall count.")
    from_on: dt.date = says("The first day on which it holds, after today.")
    expected_version: str = says(EXPECTED)


@strawberry.input(description="A day that does not count, or again does (feriado, día no laborable).")
class DeclaredDayInput:
    """A day."""

    day: dt.date = says("The day; it may be past: what is filed from now on is dated by it.")
    name: str = says("Its name in Spanish, up to 120 characters.")
    source: str = says("The law or decree that says so (sustento legal), up to 200 characters.")
    office_code: str | None = optional("Code of the one office for which it holds; left out for all.")
    is_closed: bool = strawberry.field(description="False if the counter works on it after all.", default=True)


@strawberry.input(description="Days that do not count (declarar días no laborables).")
class DeclareDaysInput:
    """Days."""

    days: list[DeclaredDayInput] = says("The days, from 1 to 100.")
    expected_version: str = says(EXPECTED)


@strawberry.input(description="Days that do not count, as the text of a file (importar días no laborables).")
class ImportDaysInput:
    """A file of days."""

    csv: str = says("CSV with the columns date, name, source, office, closed; up to 50,000 characters.")
    expected_version: str = says(EXPECTED)


@strawberry.input(description="What of the counter's policy shall be otherwise (cambiar las reglas de recepción).")
class ChangeCounterPolicyInput:
    """What shall be otherwise; what is left out stays."""

    expected_version: int = says(EXPECTED)
    from_on: dt.date | None = optional("The first day on which it holds, after today; from this moment if left out.")
    annex_kinds: list[str] | None = optional("Extensions of an annex (anexo), of those that the counter knows.")
    refused_problems: list[PagesProblem] | None = optional(
        "What is refused of a PDF of the web: ENCRYPTED, DAMAGED, EMPTY. A file that came by mail is received anyhow."
    )
    main_max_mb: int | None = optional("MB of a main document (documento principal), from 1 to 20.")
    first_annex_max_mb: int | None = optional("MB of the first annex, from 1 to 30.")
    other_annex_max_mb: int | None = optional("MB of each other annex, from 1 to 5.")
    max_annexes: int | None = optional("How many annexes, from 0 to 5.")
    uploads_each: int | None = optional("Files that one person may have waiting, from 6 to 100.")
    unfiled_mb_each: int | None = optional("MB that they may have together, from 70 to what all people may have.")
    drafts_each: int | None = optional("Drafts (borradores) that one person may have, from 1 to 20.")
    draft_days: int | None = optional("Days that a draft lives after it was saved, from 1 to 90.")
    correction_working_days: int | None = optional("Working days to correct (plazo de subsanación), from 2 to 30.")
    correction_keeps_date: bool | None = optional("Whether a corrected trámite keeps its legal date.")


@strawberry.type(description="The office is added.")
class AddOfficeSuccess:
    """Added."""

    office: AdministeredOffice = says("The new office.")


@strawberry.type(description="The office has another name.")
class RenameOfficeSuccess:
    """Renamed."""

    office: AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The office takes no more documents.")
class RetireOfficeSuccess:
    """Retired."""

    office: AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The office takes documents again.")
class ReopenOfficeSuccess:
    """Open again."""

    office: AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The offices have another order.")
class ReorderOfficesSuccess:
    """In another order."""

    offices: list[AdministeredOffice] = says("All offices in their new order.")


@strawberry.type(description="The office will have other hours.")
class ChangeHoursSuccess:
    """Changed."""

    calendar_version: str = says("The calendar's new version.")


@strawberry.type(description="The hour of sending will count by another policy.")
class ChangeFilingPolicySuccess:
    """Changed."""

    calendar_version: str = says("The calendar's new version.")


@strawberry.type(description="The days are declared.")
class DeclareDaysSuccess:
    """Declared."""

    calendar_version: str = says("The calendar's new version.")


@strawberry.type(description="The days of the file are declared.")
class ImportDaysSuccess:
    """Declared."""

    calendar_version: str = says("The calendar's new version.")


@strawberry.type(description="The counter's policy is changed.")
class ChangeCounterPolicySuccess:
    """Changed."""

    version: PolicyVersion = says("The new version.")


AddOfficeResult: TypeAlias = Annotated[
    AddOfficeSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("AddOfficeResult", description="Answer to a new office."),
]
RenameOfficeResult: TypeAlias = Annotated[
    RenameOfficeSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("RenameOfficeResult", description="Answer to a new name."),
]
RetireOfficeResult: TypeAlias = Annotated[
    RetireOfficeSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound | refusals.Conflict,
    strawberry.union("RetireOfficeResult", description="Answer to the retirement of an office."),
]
ReopenOfficeResult: TypeAlias = Annotated[
    ReopenOfficeSuccess | refusals.NotSignedIn | refusals.NotAllowed | refusals.NotFound | refusals.Conflict,
    strawberry.union("ReopenOfficeResult", description="Answer to the opening of a retired office."),
]
ReorderOfficesResult: TypeAlias = Annotated[
    ReorderOfficesSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("ReorderOfficesResult", description="Answer to a new order."),
]
ChangeHoursResult: TypeAlias = Annotated[
    ChangeHoursSuccess
    | refusals.InvalidInput
    | refusals.NotSignedIn
    | refusals.NotAllowed
    | refusals.NotFound
    | refusals.Conflict,
    strawberry.union("ChangeHoursResult", description="Answer to other hours."),
]
ChangeFilingPolicyResult: TypeAlias = Annotated[
    ChangeFilingPolicySuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("ChangeFilingPolicyResult", description="Answer to another filing policy."),
]
DeclareDaysResult: TypeAlias = Annotated[
    DeclareDaysSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("DeclareDaysResult", description="Answer to declared days."),
]
ImportDaysResult: TypeAlias = Annotated[
    ImportDaysSuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("ImportDaysResult", description="Answer to a file of days."),
]
ChangeCounterPolicyResult: TypeAlias = Annotated[
    ChangeCounterPolicySuccess | refusals.InvalidInput | refusals.NotSignedIn | refusals.NotAllowed | refusals.Conflict,
    strawberry.union("ChangeCounterPolicyResult", description="Answer to a change of the counter's policy."),
]
