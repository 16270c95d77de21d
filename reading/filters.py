"""What trámites must be like to be found: the filter as a client gives it, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never

from tortoise.expressions import Q

from models.catalogue import OFFICE_CODE_LENGTH
from models.people import User
from reading.catalogue import office_ids
from reading.typed_words import file_words, search_words
from rules.choices import check_choices
from rules.counter_policy import camel
from rules.due import DESK_WAITS_FOR
from rules.lifecycle import TramiteStatus
from rules.numbering import parse_number
from rules.orders import OwnerChoice
from rules.people import IdentityKind, clean_identity, clean_ruc
from rules.refusals import Checks, InvalidInput
from rules.service_tokens import OutOfScope, Scope
from rules.words import TextTooLong
from rules.workdays import LIMA

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer
    from reading.typed_words import FileWords
    from rules.catalogue import Channel, DocumentKind

OF_STATUS = {"number", "document_kinds", "statuses", "channel", "office_codes"} | {
    f"{event}_{end}" for event in ("sent", "filed") for end in ("from", "to")
}
OF_PEOPLE = {"text", "name", "identity_kind", "identity_number", "organization_ruc"}
"""What a program may look for, by the scope of its token: what it may not read, it may not find either."""

_NUMBER_BEGINNING = re.compile(r"[A-Z0-9-]{1,24}", re.ASCII)


class NumberUnsearchable(InvalidInput):
    """The text is not how a number begins."""

    code = "NUMBER_UNSEARCHABLE"

    def __init__(self) -> None:
        super().__init__("Escriba el número de trámite, o su comienzo, por ejemplo MPD-2026-0000.")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """
    What trámites must be like; days are Lima's, both ends count. Voided ones only where a status asks for them.

    What the desk alone may ask for, `is_of_desk`, is never asked of a person's own trámites.
    """

    number: str | None = None
    document_kinds: tuple[DocumentKind, ...] = ()
    statuses: tuple[TramiteStatus, ...] = ()
    channel: Channel | None = None
    office_codes: tuple[str, ...] = ()
    organization_ruc: str | None = None
    sent_from: date | None = None
    sent_to: date | None = None
    filed_from: date | None = None
    filed_to: date | None = None
    text: str | None = None
    name: str | None = None
    identity_kind: IdentityKind | None = None
    identity_number: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    is_late: bool | None = None
    owner: OwnerChoice | None = None
    repeats_file: bool | None = None
    in_files: str | None = None

    @property
    def is_of_a_person(self) -> bool:
        """Whether it asks for what a certain person or legal entity filed."""
        return any(each is not None for each in (self.name, self.identity_number, self.organization_ruc))

    @property
    def is_of_desk(self) -> bool:
        """Whether it asks for what only the desk may know of a trámite."""
        asked = (self.due_from, self.due_to, self.is_late, self.owner, self.repeats_file)
        return any(each is not None for each in asked)


@dataclass(frozen=True)
class Meaning:
    """
    What a filter means: a condition, and apart from it what decides by which index is read.

    `days` are bounds of days, `implied` what follows from them in an order by a column; `offices` is None for any;
    `words` are for `to_tsquery`, by the column that they are looked for in; `in_files` are looked for in files.
    """

    condition: Q
    days: dict[str, date | datetime]
    statuses: tuple[TramiteStatus, ...] = ()
    offices: tuple[UUID, ...] | None = None
    words: dict[str, str] = field(default_factory=dict[str, str])
    is_of_desk: bool = False
    in_files: FileWords | None = None
    implied: dict[str, dict[str, date | datetime]] = field(default_factory=dict[str, dict[str, "date | datetime"]])


def _check_scope(wanted: Filter, viewer: Viewer) -> None:
    if not viewer.is_program:
        return
    open_ = OF_STATUS | OF_PEOPLE if viewer.may_read(Scope.PEOPLE) else OF_STATUS
    shut = [
        each.name for each in fields(Filter) if each.name not in open_ and getattr(wanted, each.name) not in (None, ())
    ]
    if shut:
        raise OutOfScope([f"TramiteFilter.{camel(name)}" for name in shut])


async def meaning_of(wanted: Filter, viewer: Viewer, *, today: date) -> Meaning:
    """
    Return what *wanted* means to *viewer* on the day *today*.

    Raises:
        InvalidInput: for every field of the filter that does not hold what it must.
        OutOfScope: a program looks for what it may not read.
    """
    _check_scope(wanted, viewer)
    checks = Checks()
    condition = (
        _choices(checks, wanted)
        & _number(checks, wanted.number)
        & _of_organization(checks, wanted.organization_ruc)
        & await _of_person(checks, wanted)
        & _owned(wanted.owner, viewer)
    )
    statuses = checks.take("statuses", check_choices, wanted.statuses) or ()
    codes = checks.take("officeCodes", _codes, wanted.office_codes)
    words = _words(checks, wanted)
    in_files = checks.take("inFiles", file_words, wanted.in_files) if wanted.in_files is not None else None
    try:
        checks.refuse_any()
    except InvalidInput as refusal:
        raise refusal.at("filter") from None
    return Meaning(
        condition,
        _days(wanted) | _due(wanted, today),
        tuple(sorted(set(statuses))),
        tuple(sorted(await office_ids(codes))) if codes else None,
        words,
        wanted.is_of_desk,
        in_files,
        _implied(wanted),
    )


def _words(checks: Checks, wanted: Filter) -> dict[str, str]:
    given = {"search": ("text", wanted.text), "names": ("name", wanted.name)}
    taken = {
        column: checks.take(field, search_words, text) for column, (field, text) in given.items() if text is not None
    }
    return {column: words for column, words in taken.items() if words is not None}


def _choices(checks: Checks, wanted: Filter) -> Q:
    condition = Q(channel=wanted.channel) if wanted.channel else Q()
    if kinds := checks.take("documentKinds", check_choices, wanted.document_kinds):
        condition &= Q(document_kind__in=list(kinds))
    if wanted.repeats_file is not None:
        condition &= Q(repeats=wanted.repeats_file)
    return condition


async def _of_person(checks: Checks, wanted: Filter) -> Q:
    """Return the condition for a person by their document; without its kind, of any kind."""
    if wanted.identity_number is None:
        return Q()
    kinds = [wanted.identity_kind] if wanted.identity_kind else list(IdentityKind)
    tried = [Checks() for _ in kinds]
    numbers = [
        each.take("identityNumber", lambda text, kind=kind: clean_identity(kind, text), wanted.identity_number)
        for each, kind in zip(tried, kinds, strict=True)
    ]
    known = [identity for identity in numbers if identity]
    if not known:
        checks.note(tried[0].found[0])
        return Q()
    people = Q(*(Q(identity_kind=each.kind, identity_number=each.number) for each in known), join_type=Q.OR)
    return Q(applicant_id__in=await User.filter(people).values_list("id", flat=True))


def _owned(owner: OwnerChoice | None, viewer: Viewer) -> Q:
    match owner:
        case None:
            return Q()
        case OwnerChoice.ME:
            return Q(owner_id=viewer.user_id)
        case OwnerChoice.NOBODY:
            return Q(owner_id__isnull=True)
        case OwnerChoice.SOMEBODY:
            return Q(owner_id__isnull=False)
        case _:
            assert_never(owner)


def waits_for_desk(today: date) -> Q:
    """Return the condition for what the desk must do something about: not what lies with its applicant in time."""
    return Q(status__in=list(DESK_WAITS_FOR)) | Q(status=TramiteStatus.OBSERVED, due_on__lt=today)


def _codes(values: tuple[str, ...]) -> tuple[str, ...]:
    if any(len(code) > OFFICE_CODE_LENGTH for code in values):
        raise TextTooLong(OFFICE_CODE_LENGTH)
    return check_choices(values)


def _number(checks: Checks, number: str | None) -> Q:
    beginning = checks.take("number", _beginning, number) if number is not None else None
    return Q(number__startswith=beginning) if beginning else Q()


def _beginning(number: str) -> str:
    try:
        return str(parse_number(number))
    except InvalidInput:
        typed = "".join(number.upper().split())
        if not _NUMBER_BEGINNING.fullmatch(typed):
            raise NumberUnsearchable from None
        return typed


def _days(wanted: Filter) -> dict[str, date | datetime]:
    """Return the bounds of the two dates."""
    bounds = dict[str, date | datetime]()
    if wanted.sent_from:
        bounds["sent_at__gte"] = datetime.combine(wanted.sent_from, time(), LIMA)
    if wanted.sent_to and wanted.sent_to < date.max:
        bounds["sent_at__lt"] = _day_after(wanted.sent_to)
    if wanted.filed_from:
        bounds["filed_on__gte"] = wanted.filed_from
    if wanted.filed_to:
        bounds["filed_on__lte"] = wanted.filed_to
    return bounds


def _implied(wanted: Filter) -> dict[str, dict[str, date | datetime]]:
    """
    Return by column what the bounds of one date mean for the other: no legal date is before that of the sending.

    It tells how far to read in the order of that column. Elsewhere it would only mislead the planner, which takes the
    dates to have nothing to do with each other, and so far fewer to be in both bounds than are.
    """
    implied = dict[str, dict[str, date | datetime]]()
    if wanted.sent_from:
        implied["filed_on"] = {"filed_on__gte": max(wanted.sent_from, wanted.filed_from or date.min)}
    if wanted.filed_to and wanted.filed_to < (wanted.sent_to or date.max):
        implied["sent_at"] = {"sent_at__lt": _day_after(wanted.filed_to)}
    return implied


def _day_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), LIMA)


def _due(wanted: Filter, today: date) -> dict[str, date | datetime]:
    """Return the bounds of the day by which something must happen: late is what was due before *today*."""
    from_ = max(filter(None, (wanted.due_from, today if wanted.is_late is False else None)), default=None)
    bounds: dict[str, date | datetime] = {"due_on__gte": from_} if from_ else {}
    if wanted.due_to:
        bounds["due_on__lte"] = wanted.due_to
    if wanted.is_late:
        bounds["due_on__lt"] = today
    return bounds


def _of_organization(checks: Checks, ruc: str | None) -> Q:
    known = checks.take("organizationRuc", clean_ruc, ruc) if ruc is not None else None
    return Q(organization_ruc=known) if known else Q()
