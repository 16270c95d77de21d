"""The trámite, its history, and what can be done with it."""

import datetime as dt
import uuid
from typing import Annotated

import strawberry

from schema.account_enums import Role
from schema.catalogue import Office
from schema.colleagues import Colleague
from schema.dates import DatesExplained
from schema.described import asks_once, optional, says
from schema.files import Attachment
from schema.mail_enums import SenderProof
from schema.node import Node
from schema.notes import Note
from schema.notices import Notice
from schema.receipts import Receipt
from schema.scalars import Cursor, EmailAddress, Ruc, UploadId
from schema.signs import DeskSigns, SameFiles
from schema.tramite_enums import Act, Channel, DocumentKind, FilingPolicy, Step, TramiteStatus


@strawberry.type(description="A legal entity (persona jurídica) in whose name a document was filed.")
class Organization:
    """A legal entity."""

    ruc: Ruc = says("Its RUC.")
    name: str = says("Its name (razón social), as the applicant wrote it.")


@strawberry.type(description="How to reach the applicant about this trámite.")
class Contact:
    """Contact data of a trámite."""

    email: EmailAddress | None = says("Address for notices; null if a mail had no address that may be answered.")
    mobile: str | None = says("Mobile number (celular) in E.164; null if it came by mail.")


@strawberry.type(description="A day that did not count for the legal date.")
class SkippedDay:
    """A day that did not count."""

    day: dt.date = says("The day.")
    reason: str = says("Why, in Spanish, such as «domingo».")


@strawberry.type(description="How the legal date came about.")
class FilingRule:
    """The rule behind a date."""

    policy: FilingPolicy = says("How the hour of sending counted.")
    calendar_version: str = says("Version of the calendar and policy that were applied.")
    skipped: list[SkippedDay] = says("The days, from that of sending on, that did not count.")


@strawberry.type(description="One act in the history (historial) of a trámite.")
class HistoryEntry:
    """One act."""

    sequence: strawberry.ID = says("Its place in the register of all acts.")
    cursor: Cursor = says("Its place in the feed: with it, statusChanges goes on from there.")
    at: dt.datetime = says("When it was done.")
    act: Act = says("What was done.")
    from_status: TramiteStatus | None = says("The status before; null for the filing.")
    to_status: TramiteStatus | None = says("The status after; null if the act has none.")
    text: str | None = says("What was said with it; null if nothing, or if it was said between offices only.")
    actor_role: Role = says("In which role it was done; names of staff are not told.")


@strawberry.type(description="What was handed in for a trámite at one time (versión): as filed, or as a correction.")
class TramiteVersion:
    """One version."""

    number: int = says("Its number: 1 as filed, the next for a correction.")
    at: dt.datetime = says("When it was sent.")
    act: Act = says("The act by which it was handed in.")


@strawberry.type(
    description="What the viewer may do with a trámite now (permisos): whether each mutation of that name would be "
    "done. Offer what is true, and nothing else."
)
class TramitePermissions:
    """What may be done."""

    update_tramite: bool = says("Change its main data (actualizar).")
    void_tramite: bool = says("Withdraw it (anular).")
    correct_tramite: bool = says("Correct what was observed (subsanar).")
    receive_tramite: bool = says("Record that the desk has it (recepcionar).")
    observe_tramite: bool = says("Return it with what must be corrected (observar).")
    refer_tramite: bool = says("Send it to another office (derivar).")
    resolve_tramite: bool = says("Answer it (atender).")
    correct_folios: bool = says("Correct its number of folios (corregir folios).")
    reopen_tramite: bool = says("Take it up again (reabrir).")
    take_tramite: bool = says("Take it on (tomar a cargo).")
    assign_tramite: bool = says("Give it to a member of staff of its office (asignar).")
    release_tramite: bool = says("Let go of it (dejar).")
    add_note: bool = says("Write an internal note (nota interna).")
    look_at: bool = says("Say that one is looking at it, and learn who else is.")
    send_receipt_again: bool = says("Have a receipt of it mailed again (volver a enviar la constancia).")
    see_owner: bool = says("See who has taken it on (responsable).")
    read_notes: bool = says("Read the internal notes (notas internas).")


@strawberry.type(description="A document handed in at the counter, and what became of it (trámite).")
class Tramite(Node):
    """A trámite."""

    number: str = says("Its number (número de trámite), such as MPD-2026-000001-M; never reused.")
    lookup_key: str | None = says(
        "Key with which anybody can look up its status (clave de consulta); null for all but the applicant."
    )
    status: TramiteStatus = says("Where it stands (estado).")
    status_label: str = says("The status in Spanish, for people.")
    channel: Channel = says("By which door it came (canal).")
    sender_proof: SenderProof | None = says(
        "How sure it is who sent the mail (remitente comprobado); null for what did not come by mail, or long ago."
    )
    document_kind: DocumentKind | None = says(
        "What the main document is (tipo de documento); null while a mail does not say it."
    )
    document_number: str | None = says(
        "Number of the document (número de documento); null for one without number (SN)."
    )
    subject: str = says("What it is about (asunto).")
    folios: int | None = says("Number of folios declared; null while a mail does not say it.")
    organization: Organization | None = says("In whose name it was filed (persona jurídica); null when in one's own.")
    sender_name: str = says("Who filed it, as known to the counter.")
    contact: Contact = says("How to reach the applicant about it.")
    missing: list[str] = says("What is still missing, as sentences in Spanish; empty if nothing.")
    sent_at: dt.datetime = says("When it was sent (enviado).")
    filed_on: dt.date = says("Its legal date (fecha de presentación).")
    filing_rule: FilingRule = says("How the legal date came about.")
    dates_explained: DatesExplained = says("All its dates, each with its reason.")
    office: Office = says("The office (dependencia) where it is now.")
    observation: str | None = says("What must be corrected (observación); null if it was never observed.")
    observation_points: list[str] = says(
        "The points of the observation (puntos de observación); empty if it has words only."
    )
    correct_by: dt.date | None = says("Last day to correct what was observed (plazo de subsanación); null if none.")
    resolution: str | None = says("The answer (atención); null while there is none.")
    answer_files: list[Attachment] = says("The files of its answers (archivos de la respuesta), the oldest first.")
    revision: int = says(
        "One more after each change: send it as `expectedRevision`, to be told what changed meanwhile."
    )
    owner: Colleague | None = says(
        "Who of its office has taken it on (responsable); null while nobody has, and for all but staff."
    )
    signs: DeskSigns | None = says("What the desk should notice (señales); null for what the viewer filed themselves.")
    same_files: SameFiles | None = says(
        "Other trámites with the same files (archivo repetido); null for what the viewer filed themselves."
    )
    allowed_steps: list[Step] = says("Which steps of its life cycle (pasos) the viewer may take now.")
    permissions: TramitePermissions = says("What the viewer may do with it now (permisos), steps and all else.")
    versions: list[TramiteVersion] = says("What was handed in for it and when (versiones), the first one first.")
    receipts: list[Receipt] = says("Its receipts (constancias y cargos), the oldest first.")
    latest_entries: strawberry.Private[list[HistoryEntry]]
    attachment_versions: strawberry.Private[list[Attachment]]
    latest_notices: strawberry.Private[list[Notice]]
    latest_notes: strawberry.Private[list[Note]]

    @strawberry.field(description="Its files, the main document first: of each place the latest version.")
    def attachments(
        self,
        all_versions: Annotated[
            bool, strawberry.argument(description="Whether earlier versions are given too, before the later ones.")
        ] = False,
        version: Annotated[
            int | None,
            strawberry.argument(
                description="As they stood with that version (versión), or up to it; left out: as they stand."
            ),
        ] = None,
    ) -> list[Attachment]:
        """Return the files; they come in the order of their versions."""
        handed_in = [file for file in self.attachment_versions if version is None or file.version <= version]
        if all_versions:
            return handed_in
        latest = {file.position: file for file in handed_in}
        return [latest[position] for position in sorted(latest)]

    @strawberry.field(description="Its history (historial), the oldest first.")
    def history(
        self,
        last: Annotated[int, strawberry.argument(description="How many of the latest acts, from 1 to 100.")] = 20,
    ) -> list[HistoryEntry]:
        """Return the latest acts."""
        return self.latest_entries[-last:]

    @strawberry.field(description="The mails about it (avisos) and what became of each, the oldest first.")
    def notices(
        self,
        last: Annotated[int, strawberry.argument(description="How many of the latest notices, from 1 to 100.")] = 20,
    ) -> list[Notice]:
        """Return the latest notices."""
        return self.latest_notices[-last:]

    @strawberry.field(
        description="The internal notes (notas internas) about it, the oldest first; none for those who do not attend "
        "to it."
    )
    def notes(
        self,
        last: Annotated[int, strawberry.argument(description="How many of the latest notes, from 1 to 100.")] = 20,
    ) -> list[Note]:
        """Return the latest notes."""
        return self.latest_notes[-last:]


@strawberry.type(description="A trámite came into a status.")
class StatusChange:
    """One event of the feed."""

    sequence: strawberry.ID = says("Its place in the register of all acts; grows from one change to the next.")
    at: dt.datetime = says("When it happened.")
    act: Act = says("What was done.")
    from_status: TramiteStatus | None = says("The status before; null for the filing.")
    to_status: TramiteStatus = says("The status after.")
    status_label: str = says("The status after, in Spanish, for people.")
    text: str | None = says("What was said with it; null if nothing, or if it was said between offices only.")
    actor_role: Role = says("In which role it was done; names of staff are not told.")
    number: str = says("Number of the trámite (número de trámite).")
    tramite: Tramite = says("The trámite as it is now.")


@strawberry.type(
    description="What whoever follows the feed (novedades) is told: a change, or how far it is without one for them."
)
class FeedEvent:
    """One message of the feed."""

    cursor: Cursor = says("Where the feed is after this: keep the last one, and send it as `after` to miss nothing.")
    change: StatusChange | None = says(
        "What changed; null at the start, when everything up to here was shown, and when much happened that is not for "
        "the viewer."
    )


@strawberry.input(description="Which changes are wanted: those for which all hold that is given.")
class StatusChangesFilter:
    """Which changes."""

    number: str | None = optional("Only those of the trámite of this number (número de trámite).")
    office_code: str | None = optional(
        "Only those of trámites that are in this office (dependencia), or went through it, by its code."
    )
    statuses: list[TramiteStatus] | None = optional("Only those into one of these statuses (estados); at most 20.")


@strawberry.input(description="A document to be filed (presentar).")
class FileTramiteInput:
    """A filing."""

    client_key: uuid.UUID = asks_once()
    office_code: str = says("Code of the office (dependencia) it is addressed to.")
    document_kind: DocumentKind = says("What the main document is (tipo de documento).")
    document_number: str | None = optional(
        "Number of the document (número de documento); left out or «SN» for one without."
    )
    subject: str = says("What it is about (asunto), up to 300 characters.")
    folios: int = says("Number of folios, from 1.")
    main_upload: UploadId = says("The main document (documento principal): a PDF of up to 20 MB.")
    annex_uploads: list[UploadId] = strawberry.field(
        description="Annexes (anexos): up to 5; the first of up to 30 MB, the others of up to 5 MB each.",
        default_factory=list,
    )
    accepted_privacy_policy: str = says("Version of the privacy policy that the applicant accepts.")
    organization_ruc: str | None = optional("RUC of the legal entity in whose name it is filed.")
    organization_name: str | None = optional("Name of that legal entity (razón social).")
    contact_email: str | None = optional("Address for this trámite; left out for that of the account.")
    contact_mobile: str | None = optional("Mobile number for this trámite; left out for that of the account.")
    draft_id: uuid.UUID | None = optional("The draft (borrador) that this was; it is gone when the filing is made.")


@strawberry.input(
    description="Other main data (actualizar): what is left out stays as it is, and so do number, legal date and files."
)
class UpdateTramiteInput:
    """Other main data."""

    id: uuid.UUID = says("Id of the trámite.")
    office_code: str | None = optional("Code of the office (dependencia) it is addressed to.")
    document_kind: DocumentKind | None = optional("What the main document is (tipo de documento).")
    document_number: str | None = optional("Number of the document (número de documento); «SN» for one without.")
    subject: str | None = optional("What it is about (asunto), up to 300 characters.")
    folios: int | None = optional("Number of folios, from 1.")
    contact_email: str | None = optional("Address for this trámite.")
    contact_mobile: str | None = optional("Mobile number for this trámite.")


@strawberry.input(description="A withdrawal (anular); it cannot be taken back.")
class VoidTramiteInput:
    """A withdrawal."""

    id: uuid.UUID = says("Id of the trámite.")
    reason: str | None = optional("Why (motivo), up to 500 characters; staff read it.")


@strawberry.input(description="An annex (anexo) of a correction.")
class CorrectedAnnexInput:
    """A corrected or further annex."""

    upload: UploadId = says("The file: of up to 30 MB in the place of the first annex, else of up to 5 MB.")
    replaces: int | None = optional("Position of the annex that it replaces; left out for a further annex.")


@strawberry.input(description="A correction (subsanar): words, files or both.")
class CorrectTramiteInput:
    """A correction."""

    id: uuid.UUID = says("Id of the trámite.")
    client_key: uuid.UUID = asks_once()
    text: str | None = optional("What is corrected, in Spanish, up to 4000 characters; staff read it.")
    main_upload: UploadId | None = optional("The main document (documento principal) anew: a PDF of up to 20 MB.")
    annexes: list[CorrectedAnnexInput] = strawberry.field(
        description="Annexes (anexos), further ones or in the place of earlier ones; up to 5 in all.",
        default_factory=list,
    )


@strawberry.type(description="The document was filed.")
class FileTramiteSuccess:
    """Filed."""

    tramite: Tramite = says("The trámite, with its number, legal date and receipt.")


@strawberry.type(description="The main data are as they were asked to be.")
class UpdateTramiteSuccess:
    """Updated."""

    tramite: Tramite = says("The trámite as it is now.")


@strawberry.type(description="The trámite was withdrawn.")
class VoidTramiteSuccess:
    """Voided."""

    tramite: Tramite = says("The trámite as it is now, with the receipt of its voiding.")


@strawberry.type(description="The correction was received.")
class CorrectTramiteSuccess:
    """Corrected."""

    tramite: Tramite = says("The trámite as it is now, pending again.")
