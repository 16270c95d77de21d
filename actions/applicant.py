"""What applicants do with their own trámite while nobody has validated it: update, void."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actions import issuing, notices
from actions.attachments import files_now
from actions.filing_forms import OfficeRetired, UnknownOffice
from actions.steps import lock_for_applicant, record_step, save_change, take_step
from actions.submission import wake
from actions.transaction import tx
from models.people import User
from reading.catalogue import find_office
from reading.validations import validated_among
from rules import people, words
from rules.catalogue import ReceiptKind
from rules.chain import facts_digest
from rules.lifecycle import Step, was_taken
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from actions.tools import Tools
    from models.catalogue import Office
    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.catalogue import DocumentKind
    from rules.lifecycle import TramiteStatus

MAIN_COLUMNS = (
    "office_id",
    "document_kind",
    "document_number",
    "subject",
    "folios",
    "contact_email",
    "contact_mobile",
)
CLEANED: dict[str, tuple[str, Callable[[Any], object]]] = {
    "document_number": ("documentNumber", words.clean_document_number),
    "subject": ("subject", words.clean_subject),
    "folios": ("folios", words.clean_folios),
    "contact_email": ("contactEmail", people.clean_email),
    "contact_mobile": ("contactMobile", people.clean_mobile),
}
"""Column -> its name in the API, and what judges it."""

CODED_DATA = ("officeCode", "documentKind", "folios")
"""Main data that are codes and counts; the others are what people write, which may say anything about anybody."""


@dataclass(frozen=True)
class MainData:
    """What of the main data of a trámite shall be otherwise, as typed; None stays as it is, «SN» is no number."""

    office_code: str | None = None
    document_kind: DocumentKind | None = None
    document_number: str | None = None
    subject: str | None = None
    folios: int | None = None
    contact_email: str | None = None
    contact_mobile: str | None = None


async def update_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID, form: MainData) -> Tramite:
    """
    Change the main data of a trámite that nobody has validated yet; what is the same already changes nothing.

    Its number, its legal date, its files and the receipt of its filing stay. An office that it leaves no longer sees
    it. Mails the applicant what was changed; an address that is left behind is told that it was, and no more.

    Raises:
        NoSuchTramite: there is none that the viewer may see.
        NotTheApplicant: the viewer may see it, but did not file it.
        WrongStep: it is not pending, or was validated before it was reopened.
        InvalidInput: for every field that does not hold what it must.
    """
    values = await _checked(form)
    async with tx() as connection:
        tramite = await lock_for_applicant(viewer, tramite_id)
        before, old = await _take(tramite, Step.UPDATE, viewer), _main_data(tramite)
        _check_destination(tramite, values.get("office"))
        for name, value in values.items():
            setattr(tramite, name, value)
        changes = _changes(old, _main_data(tramite))
        if not changes:
            return tramite
        if "officeCode" in changes:
            tramite.owner_id = None
        await save_change(tramite, (*MAIN_COLUMNS, "owner_id"))
        await _promise_update(tools, tramite, changes)
        await record_step(connection, tools, viewer, tramite, act=Act.UPDATED, before=before, detail=_recorded(changes))
    wake(tools)
    return tramite


async def _checked(form: MainData) -> dict[str, Any]:
    checks, values = Checks(), dict[str, Any]()
    for column, (field, clean) in CLEANED.items():
        given = getattr(form, column)
        if given is not None:
            values[column] = checks.take(field, clean, given)
    if form.document_kind is not None:
        values["document_kind"] = form.document_kind
    if form.office_code is not None:
        values["office"] = await find_office(form.office_code)
        if values["office"] is None:
            checks.note(UnknownOffice().at("officeCode"))
    checks.refuse_any()
    return values


def _check_destination(tramite: Tramite, office: Office | None) -> None:
    """Judge whether a trámite may go to an office; the one that has it may keep it, whatever became of it."""
    if office is not None and office.retired_at is not None and office.id != tramite.office_id:
        raise OfficeRetired().at("officeCode")


def _main_data(tramite: Tramite) -> dict[str, object]:
    return {
        "officeCode": tramite.office.code,
        "documentKind": tramite.document_kind.value if tramite.document_kind else None,
        "documentNumber": tramite.document_number,
        "subject": tramite.subject,
        "folios": tramite.folios,
        "contactEmail": tramite.contact_email,
        "contactMobile": tramite.contact_mobile,
    }


def _changes(old: dict[str, object], new: dict[str, object]) -> dict[str, dict[str, object]]:
    return {name: {"before": old[name], "after": new[name]} for name in old if old[name] != new[name]}


def _recorded(changes: dict[str, dict[str, object]]) -> dict[str, object]:
    """
    Return what the register keeps, from which nothing can ever be erased: what people wrote only as changed.

    What it was before stands in the receipt of the filing, what it became in the notice of each update.
    """
    return {
        "changes": {name: change for name, change in changes.items() if name in CODED_DATA},
        "rewritten": [name for name in changes if name not in CODED_DATA],
    }


async def _take(tramite: Tramite, step: Step, viewer: Viewer) -> TramiteStatus:
    return take_step(tramite, step, viewer, is_validated=bool(await validated_among([tramite])))


async def _promise_update(tools: Tools, tramite: Tramite, changes: dict[str, dict[str, object]]) -> None:
    await notices.promise(
        tools,
        NoticeKind.UPDATED,
        tramite=tramite,
        detail={"changes": {name: change["after"] for name, change in changes.items()}},
    )
    left = changes.get("contactEmail", {}).get("before")
    if isinstance(left, str):
        await notices.promise(tools, NoticeKind.CONTACT_CHANGED, tramite=tramite, address=left)


async def void_tramite(tools: Tools, viewer: Viewer, tramite_id: UUID, *, reason: str | None = None) -> Tramite:
    """
    Withdraw a trámite that nobody has validated yet, though the desk may have received it. It stays as a tombstone
    with its files; its number is spent.

    Mails the applicant the constancia de anulación. One that is voided already is answered as it is.

    Raises:
        NoSuchTramite, NotTheApplicant, WrongStep: as for `update_tramite`.
        InvalidInput: the reason is too long or unreadable.
    """
    said = _said(reason)
    async with tx() as connection:
        tramite = await lock_for_applicant(viewer, tramite_id)
        if was_taken(tramite.status, Step.VOID):
            return tramite
        before, now = await _take(tramite, Step.VOID, viewer), tools.clock()
        await save_change(tramite, ["status"])
        receipt = await issuing.issue_receipt(
            tools,
            tramite,
            ReceiptKind.VOIDING,
            applicant=await User.get(id=viewer.user_id),
            files=await files_now(tramite),
            acted_at=now,
        )
        await notices.promise(tools, NoticeKind.VOIDED, tramite=tramite, detail={"receipt": str(receipt.id)})
        detail = {"facts": facts_digest(receipt.facts)}
        await record_step(
            connection, tools, viewer, tramite, act=Act.VOIDED, before=before, at=now, text=said, detail=detail
        )
    wake(tools)
    return tramite


def _said(reason: str | None) -> str | None:
    checks = Checks()
    said = checks.take("reason", words.clean_reason, reason)
    checks.refuse_any()
    return said
