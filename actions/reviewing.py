"""What is wrong or doubtful with a filing before it is sent: the filing's own checks, and nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import uploads
from actions.attachments import place_files
from actions.counter_policy import policy_of
from actions.filing_forms import check_form
from models.files import Upload
from models.people import User
from models.tramites import Attachment
from reading.catalogue import find_office
from reading.policies import calendar_of
from reading.taxpayers import check_ruc
from rules import doubts
from rules.doubts import Doubt, SeenFile
from rules.refusals import Checks, InvalidInput
from rules.verdicts import findings_for
from rules.words import clean_document_number
from rules.workdays import Calendar, FiledOn, closed_message, filed_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from actions.attachments import NamedUpload
    from actions.filing_forms import FilingForm
    from actions.tools import Tools
    from actions.uploads import Taken
    from reading.access import Viewer
    from rules.file_rules import FileRules
    from rules.refusals import Refusal


@dataclass(frozen=True)
class Review:
    """All that keeps a filing from being sent, all that is doubtful, and its legal date if it were sent now."""

    problems: tuple[Refusal, ...]
    doubts: tuple[Doubt, ...]
    filed: FiledOn | None
    calendar: Calendar | None
    message: str | None


async def review_filing(tools: Tools, viewer: Viewer, form: FilingForm) -> Review:
    """Return everything that is wrong or doubtful with *form* at once; there is no date without an office."""
    applicant, checks, named = await User.get(id=viewer.user_id), Checks(), form.named_uploads()
    rules = (await policy_of(tools)).files
    await check_form(tools, applicant, form, checks, rules=rules)
    arrived = await uploads.arrived(viewer, [each.id for each in named])
    problems: list[Refusal] = [*checks.found, *await _file_problems(tools, viewer, named, arrived, rules=rules)]
    seen = [_seen(each, arrived[each.id], rules) for each in named if each.id in arrived]
    found = await _doubts(viewer, form, seen)
    office = await find_office(form.office_code) if form.office_code else None
    now = tools.clock()
    calendar = await calendar_of(office, at=now) if office else None
    return Review(
        tuple(problems),
        tuple(found),
        filed_on(now, calendar) if calendar else None,
        calendar,
        closed_message(now, calendar) if calendar else None,
    )


async def _file_problems(
    tools: Tools, viewer: Viewer, named: Sequence[NamedUpload], arrived: Mapping[UUID, Taken], *, rules: FileRules
) -> list[Refusal]:
    usable = Upload.filter(
        id__in=[each.id for each in named],
        owner_id=viewer.user_id,
        used_at__isnull=True,
        expires_at__gt=tools.clock(),
    )
    waiting = set(await usable.values_list("id", flat=True))
    problems: list[Refusal] = []
    for each in named:
        if each.id not in waiting:
            problems.append(uploads.NoSuchUpload().at(*each.path))
        elif each.id not in arrived:
            problems.append(uploads.UploadIncomplete().at(*each.path))
        else:
            problems += _misplaced([each], arrived, rules)
    is_repeated = len({each.id for each in named}) < len(named)
    there = [each for each in named if each.id in arrived]
    return problems + (_misplaced(there, arrived, rules) if is_repeated else [])


def _misplaced(named: Sequence[NamedUpload], arrived: Mapping[UUID, Taken], rules: FileRules) -> list[InvalidInput]:
    try:
        place_files([arrived[each.id] for each in named], named, rules=rules)
    except InvalidInput as refusal:
        return [refusal]
    return []


def _seen(named: NamedUpload, upload: Taken, rules: FileRules) -> SeenFile:
    """Return a file with what is found of it; that for which it is refused is a problem, not doubtful."""
    refused = rules.refused_of(upload.name, upload.judgement)
    found = findings_for(upload.name, upload.judgement)
    remarks = tuple(finding for finding in found if finding not in refused)
    return SeenFile(upload.name, named.path, upload.judgement.pages, remarks)


async def _doubts(viewer: Viewer, form: FilingForm, files: Sequence[SeenFile]) -> list[Doubt]:
    found = [
        *doubts.doubts_about_files(files),
        doubts.doubt_about_folios(form.folios, files) if form.folios is not None else None,
        doubts.doubt_about_copy(await _filed_before(viewer, form)),
        doubts.doubt_about_number(_number(form)),
        *await _about_organization(form),
    ]
    return [doubt for doubt in found if doubt is not None]


def _number(form: FilingForm) -> str | None:
    try:
        return clean_document_number(form.document_number)
    except InvalidInput:
        return form.document_number


async def _filed_before(viewer: Viewer, form: FilingForm) -> list[str]:
    if form.main_upload is None:
        return []
    upload = await Upload.get_or_none(id=form.main_upload, owner_id=viewer.user_id, content_id__isnull=False)
    if upload is None:
        return []
    same = Attachment.filter(content_id=upload.content_id, position=0, tramite__applicant_id=viewer.user_id)
    numbers = await same.order_by("-tramite__sent_at").limit(1).values_list("tramite__number", flat=True)
    return [str(number) for number in numbers]


async def _about_organization(form: FilingForm) -> list[Doubt]:
    if not form.organization_ruc:
        return []
    finding = await check_ruc(form.organization_ruc)
    if not finding.is_well_formed:
        return []
    found = [Doubt("RUC_DOUBTFUL", finding.problem, ("organizationRuc",))] if finding.problem else []
    name = form.organization_name
    if finding.taxpayer and name and not _is_alike(name, finding.taxpayer.name):
        found.append(
            Doubt(
                "ORGANIZATION_NAME_DIFFERS",
                f"En el padrón de la SUNAT ese RUC es de «{finding.taxpayer.name}». Revise el RUC o la razón social.",
                ("organizationName",),
            )
        )
    return found


def _is_alike(one: str, other: str) -> bool:
    """Say whether two names are the same but for case, dots and spaces."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())
