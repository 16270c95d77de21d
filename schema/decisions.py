"""Deciding otherwise about offices, calendar and the counter's policy: what is sent, and what is answered."""

import datetime as dt
import uuid
from typing import Annotated, TypeAlias

import strawberry

from schema import administration, refusals
from schema.described import asks_once, optional, says
from schema.file_enums import Finding
from schema.tramite_enums import FilingPolicy

EXPECTED = "Version that was shown when the change was begun; if there is a later one, nothing is changed."


@strawberry.input(description="A new office (agregar una dependencia).")
class AddOfficeInput:
    """A new office."""

    client_key: uuid.UUID = asks_once()
    code: str = says("Its code, for ever: up to 20 capital letters, digits and hyphens.")
    name: str = says("Its name in Spanish, up to 120 characters.")
    opens_at: str = says("When its desk opens, HH:MM (horario de atención).")
    closes_at: str = says("When its desk closes, HH:MM (horario de atención).")
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
    opens_at: str = says("When its desk opens, HH:MM (horario de atención).")
    closes_at: str = says("When its desk closes, HH:MM (horario de atención).")
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
    refused_findings: list[Finding] | None = optional(
        "For which findings a file is not taken on the web, all of them; a mail that brings one waits for people."
        " NOT_JUDGED, NOT_SCANNED and PARTLY_SCANNED cannot be among them."
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

    office: administration.AdministeredOffice = says("The new office.")


@strawberry.type(description="The office has another name.")
class RenameOfficeSuccess:
    """Renamed."""

    office: administration.AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The office takes no more documents.")
class RetireOfficeSuccess:
    """Retired."""

    office: administration.AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The office takes documents again.")
class ReopenOfficeSuccess:
    """Open again."""

    office: administration.AdministeredOffice = says("The office as it is now.")


@strawberry.type(description="The offices have another order.")
class ReorderOfficesSuccess:
    """In another order."""

    offices: list[administration.AdministeredOffice] = says("All offices in their new order.")


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

    version: administration.PolicyVersion = says("The new version.")


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
