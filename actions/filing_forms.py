"""What a person fills in to file a document, and all that can be wrong with it: one set of checks, whoever asks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from actions.attachments import NamedUpload
from actions.submission import Submission
from reading.catalogue import find_office
from rules import people, words
from rules.catalogue import Channel
from rules.refusals import InvalidInput

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from models.catalogue import Office
    from models.people import User
    from rules.catalogue import DocumentKind
    from rules.file_rules import FileRules
    from rules.refusals import Checks

T = TypeVar("T")


class UnknownOffice(InvalidInput):
    """There is no office of that code."""

    code = "OFFICE_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("Esa dependencia de destino no existe. Elija una de la lista de dependencias.")


class OfficeRetired(InvalidInput):
    """The office no longer takes documents; what it has, it keeps."""

    code = "OFFICE_RETIRED"

    def __init__(self) -> None:
        super().__init__("Esa dependencia ya no recibe documentos. Elija otra de la lista de dependencias.")


class PrivacyPolicyNotAccepted(InvalidInput):
    """The accepted privacy policy is not the one in force."""

    code = "PRIVACY_POLICY_NOT_ACCEPTED"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Para enviar debe aceptar la política de privacidad vigente (versión {version}).",
            path=("acceptedPrivacyPolicy",),
        )


class FieldMissing(InvalidInput):
    """A field that every filing needs is empty."""

    code = "FIELD_MISSING"

    def __init__(self, field: str) -> None:
        super().__init__(_MISSING.get(field, "Falta este dato. Complételo para enviar."), path=(field,))


_MISSING: Final = {
    "officeCode": "Elija la dependencia a la que va dirigido el documento.",
    "documentKind": "Elija el tipo de documento.",
    "folios": "Escriba el número de folios: cuántas hojas tiene todo lo que presenta.",
    "mainUpload": "Adjunte el documento principal en PDF.",
}


@dataclass(frozen=True, kw_only=True)
class FilingForm:
    """What a signed-in person fills in, as typed, None where nothing is yet; uploads by id."""

    client_key: UUID | None = None
    office_code: str | None = None
    document_kind: DocumentKind | None = None
    document_number: str | None = None
    subject: str | None = None
    folios: int | None = None
    main_upload: UUID | None = None
    annex_uploads: tuple[UUID, ...] = ()
    accepted_privacy_policy: str | None = None
    organization_ruc: str | None = None
    organization_name: str | None = None
    contact_email: str | None = None
    contact_mobile: str | None = None
    draft_id: UUID | None = None

    def named_ids(self) -> list[UUID]:
        """Return the ids of the uploads that are named."""
        return [each.id for each in self.named_uploads()]

    def named_uploads(self) -> list[NamedUpload]:
        """Return the uploads that are named, each with its place and field."""
        main = [NamedUpload(self.main_upload, 0, ("mainUpload",))] if self.main_upload else []
        annexes = enumerate(self.annex_uploads)
        return main + [NamedUpload(id_, index + 1, ("annexUploads", str(index))) for index, id_ in annexes]


async def destination_of(code: str, *, at_present: UUID | None = None) -> Office:
    """
    Return the office to which documents can be addressed by that code; the one that has them *at_present* always can.

    Raises:
        UnknownOffice, OfficeRetired: what they say; their path is `officeCode`.
    """
    office = await find_office(code)
    if office is None:
        raise UnknownOffice().at("officeCode")
    if office.retired_at is not None and office.id != at_present:
        raise OfficeRetired().at("officeCode")
    return office


async def _office(code: str | None, checks: Checks) -> Office | None:
    try:
        return await destination_of(code) if code else _there(checks, "officeCode", None)
    except InvalidInput as refusal:
        checks.note(refusal)
        return None


async def check_form(
    tools: Tools, applicant: User, form: FilingForm, checks: Checks, *, rules: FileRules
) -> Submission | None:
    """
    Return the document that *form* describes, its files not looked at; None if *checks* were given a reason.

    *rules* are those of the institution for files.
    """
    ruc, name = _organization(checks, form)
    values = {
        "document_kind": _there(checks, "documentKind", form.document_kind),
        "document_number": checks.take("documentNumber", words.clean_document_number, form.document_number),
        "subject": checks.take("subject", words.clean_subject, form.subject),
        "folios": _folios(checks, form.folios),
        "organization_ruc": ruc,
        "organization_name": name,
        "contact_email": checks.take("contactEmail", people.clean_email, form.contact_email or applicant.email),
        "contact_mobile": checks.take("contactMobile", people.clean_mobile, form.contact_mobile or applicant.mobile),
        "privacy_policy_version": tools.institution.privacy_policy_version,
    }
    office = await _office(form.office_code, checks)
    _there(checks, "mainUpload", form.main_upload)
    checks.take("annexUploads", rules.check_annex_count, len(form.annex_uploads))
    if form.accepted_privacy_policy != tools.institution.privacy_policy_version:
        checks.note(PrivacyPolicyNotAccepted(tools.institution.privacy_policy_version))
    if checks.found or office is None:
        return None
    return Submission(
        tramite_id=uuid.uuid4(),
        channel=Channel.WEB,
        office=office,
        sent_at=tools.clock(),
        sender_name=applicant.full_name,
        applicant=applicant,
        files=(),
        **values,  # pyright: ignore[reportArgumentType] - each was checked
    )


def _there(checks: Checks, field: str, value: T | None) -> T | None:
    if value is None:
        checks.note(FieldMissing(field))
    return value


def _folios(checks: Checks, folios: int | None) -> int | None:
    if folios is None:
        return _there(checks, "folios", folios)
    return checks.take("folios", words.clean_folios, folios)


def _organization(checks: Checks, form: FilingForm) -> tuple[str | None, str | None]:
    if form.organization_ruc is None and form.organization_name is None:
        return None, None
    ruc = checks.take("organizationRuc", people.clean_ruc, form.organization_ruc or "")
    return ruc, checks.take("organizationName", people.clean_organization_name, form.organization_name)
