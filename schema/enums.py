"""Closed lists, defined in `rules` and published here, each value with its Spanish legal term."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

import strawberry

from rules.access import Role
from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.claims import ClaimDecision, ClaimState
from rules.closures import ClosureState
from rules.exports import ExportFormat
from rules.files import PagesProblem
from rules.kept_kinds import RetentionKind
from rules.lifecycle import Step, TramiteStatus
from rules.mail import MailOutcome, SenderProof, SuppressionReason
from rules.mail_desk import MailDecisionKind
from rules.mailboxes import MailboxFailure
from rules.notices import NoticeState, TramiteNoticeKind
from rules.orders import OwnerChoice, TramiteOrder
from rules.people import IdentityKind
from rules.reads import ReadKind
from rules.recoveries import RecoveryDecision, RecoveryState
from rules.register import Act
from rules.reports import ReportGroup, ReportStep
from rules.service_tokens import Scope
from rules.sessions import SessionKind
from rules.staff import StaffState
from rules.tasks import TaskKind
from rules.templates import TemplateKind
from rules.texts import TextProblem, TextState
from rules.verdicts import Finding, Fitness
from rules.workdays import FilingPolicy

E = TypeVar("E", bound=type[Enum])


def _publish(enum: E, description: str, values: Mapping[str, str]) -> E:
    published = strawberry.enum(enum, description=description)
    definition = published.__strawberry_definition__  # pyright: ignore[reportAttributeAccessIssue]
    for value in definition.values:
        value.description = values[value.name]
    return published


_publish(
    MailboxFailure,
    "Why a mailbox (buzón) is not read.",
    {
        "UNREACHABLE": "The mail server is not reached, takes nobody now, or broke off.",
        "SIGN_IN_REFUSED": "The mail server takes neither user nor password (credenciales).",
        "TOKEN_NOT_GIVEN": "The token endpoint gives no access token now.",
        "TOKEN_REFUSED": "Client, consent or access token is not taken: somebody must renew it.",
        "COMMAND_REFUSED": "The mail server refuses a command; mostly there is no such folder.",
        "OFFICE_CLOSED": "Its office (dependencia) is unknown or takes no documents any more.",
        "DATABASE_AWAY": "The database is away.",
        "STORE_UNUSABLE": "The store of files cannot be written.",
        "PARSER_UNUSABLE": "Mails cannot be parsed now.",
        "BROKEN": "Something that nobody foresaw; the log says what.",
    },
)
_publish(
    TextState,
    "How far the text of a file is.",
    {
        "PENDING": "It is still to be taken out (por procesar).",
        "DONE": "It can be found by its words.",
        "NO_TEXT": "It has no text that could be searched.",
        "FAILED": "Its text could not be taken out; what was read of it can be found.",
    },
)
_publish(
    TextProblem,
    "Why a file has no text that could be searched, or not all of it.",
    {
        "ENCRYPTED": "It has a password (clave de apertura).",
        "DAMAGED": "It is damaged (dañado).",
        "SCANNED": "Its pages are pictures (escaneado sin texto).",
        "OTHER_KIND": "It is of a kind that has no text, as an archive.",
        "EMPTY": "There is nothing in it.",
        "NOT_READ": "Reading it failed too often.",
    },
)
_publish(
    IdentityKind,
    "A kind of identity document (documento de identidad).",
    {
        "DNI": "National identity document (Documento Nacional de Identidad).",
        "CE": "Foreigner's card (Carné de Extranjería).",
        "PTP": "Temporary residence permit (Permiso Temporal de Permanencia).",
    },
)
_publish(
    Role,
    "What an account is at the counter.",
    {
        "APPLICANT": "Files and follows their own trámites (ciudadano, administrado).",
        "CLERK": "Handles the trámites of their offices (personal de mesa de partes).",
        "SUPERVISOR": "Sees all trámites, handles those of their offices, reopens (supervisor).",
        "ADMINISTRATOR": "Administers offices, calendar and staff; sees no trámite but their own (administrador).",
        "AUDITOR": "Reads all, changes nothing (auditor).",
        "SYSTEM": "The counter itself, for example when it receives a mail or lets a term lapse (sistema).",
        "PROGRAM": "A program that reads by a service token (token de servicio); no account is one.",
    },
)
_publish(
    Scope,
    "What a service token lets a program read (alcance).",
    {
        "STATUS": "Trámites and their changes: number, kind, status, dates and office; not whose they are (estado).",
        "PEOPLE": "Besides, who filed, how to reach them, and what it is about (personas); what is read is recorded.",
        "REPORTS": "Reports (reportes).",
    },
)
_publish(
    TramiteStatus,
    "Where a trámite stands (estado).",
    {
        "PENDING": "Received, not yet validated (pendiente de validación).",
        "OBSERVED": "Returned to the applicant with what must be corrected (observado).",
        "REFERRED": "Validated and sent to an office (derivado).",
        "RESOLVED": "Answered (atendido).",
        "VOIDED": "Withdrawn by the applicant before validation (anulado); the number is never reused.",
        "LAPSED": "Not corrected in time (tenido por no presentado).",
    },
)
_publish(
    Step,
    "What can be done to a trámite.",
    {
        "FILE": "File it (presentar).",
        "UPDATE": "Change its main data (actualizar).",
        "COMPLETE": "Complete what a mail lacked (completar).",
        "VOID": "Withdraw it (anular).",
        "OBSERVE": "Return it with what must be corrected (observar).",
        "CORRECT": "Correct what was observed (subsanar).",
        "LAPSE": "Let it lapse after the deadline (tener por no presentado).",
        "RECEIVE": "Record that the desk has it (recepcionar).",
        "REFER": "Validate it and send it to an office (derivar).",
        "RESOLVE": "Answer it (atender).",
        "CORRECT_FOLIOS": "Correct the number of folios (corregir los folios).",
        "REOPEN": "Take it up again, with a reason (reabrir).",
    },
)
_publish(
    Act,
    "An act as it stands in the history (historial) of a trámite.",
    {
        "FILED": "It was filed (presentado).",
        "UPDATED": "Its main data were changed (datos actualizados).",
        "COMPLETED": "What a mail lacked was completed (datos completados).",
        "CONFIRMED": "Whoever sent it by mail said that it is theirs (envío confirmado), maybe with their account.",
        "VOIDED": "It was withdrawn (anulado).",
        "OBSERVED": "It was returned with what must be corrected (observado).",
        "CORRECTED": "It was corrected (subsanado).",
        "LAPSED": "Its term ran out (tenido por no presentado).",
        "REFERRED": "It was sent to an office (derivado).",
        "RESOLVED": "It was answered (atendido).",
        "FOLIOS_CORRECTED": "Its number of folios was corrected (folios corregidos).",
        "REOPENED": "It was taken up again (reabierto).",
        "RECEIVED": "The desk recorded that it has it (recepcionado).",
        "OWNER_CHANGED": "Somebody took it on or let go of it (responsable); only staff see it.",
        "NOTE_ADDED": "An internal note was written (nota interna); only staff who may read notes see it.",
        "REGISTERED": "An account was registered (cuenta registrada); no act of a trámite.",
        "EMAIL_VERIFIED": "The address of an account was proved (correo verificado); no act of a trámite.",
        "PASSWORD_CHANGED": "The password of an account was changed (contraseña cambiada); no act of a trámite.",
        "CONTACT_CHANGED": "The contact data of an account were changed (datos de contacto); no act of a trámite.",
        "RECOVERY_REQUESTED": "Recovery by personal data was asked for (recuperación pedida); no act of a trámite.",
        "RECOVERY_STOPPED": "It was stopped from the address on record (recuperación detenida); no act of a trámite.",
        "RECOVERY_CANCELLED": "A new password made it worthless (recuperación sin efecto); no act of a trámite.",
        "RECOVERY_APPROVED": "Staff approved it (recuperación aprobada); no act of a trámite.",
        "RECOVERY_REJECTED": "Staff rejected it (recuperación rechazada); no act of a trámite.",
        "RECOVERY_APPLIED": "It took effect (recuperación aplicada); no act of a trámite.",
        "IDENTITY_CLAIMED": "An identity was claimed (identidad reclamada); no act of a trámite.",
        "IDENTITY_CLAIM_DECIDED": "Staff decided a claim (reclamo de identidad resuelto); no act of a trámite.",
        "ACCOUNT_FROZEN": "Staff froze a claimed account (cuenta suspendida); no act of a trámite.",
        "CALENDAR_CHANGED": "The legal calendar was changed (calendario modificado); no act of a trámite.",
        "OFFICES_CHANGED": "The offices were changed (dependencias modificadas); no act of a trámite.",
        "POLICY_CHANGED": "The counter's policy was changed (reglas de recepción modificadas); no act of a trámite.",
        "NOTICES_CHANGED": "Courtesy notices were switched on or off (preferencias de avisos); no act of a trámite.",
        "TASK_CLOSED": "Staff closed a task (tarea cerrada); no act of a trámite.",
        "TEMPLATE_SAVED": "A template was written or changed (plantilla guardada); no act of a trámite.",
        "TEMPLATE_RETIRED": "A template was taken out of use (plantilla retirada); no act of a trámite.",
        "RETENTION_CHANGED": "For how long things are kept was changed (plazo de conservación); no act of a trámite.",
        "ERASED": "What was past its time was erased (ya no se conserva); its digests stay.",
        "CLOSURE_REQUESTED": "Somebody asked to close their account (cierre pedido); no act of a trámite.",
        "CLOSURE_STOPPED": "They stopped it (cierre detenido); no act of a trámite.",
        "ACCOUNT_CLOSED": "An account was closed at the wish of its holder (cuenta cerrada); no act of a trámite.",
        "SECOND_FACTOR_SET": "A second factor was put in force (verificación en dos pasos); no act of a trámite.",
        "SECOND_FACTOR_RESET": "An administrator took one away (verificación retirada); no act of a trámite.",
        "RECOVERY_CODE_USED": "A recovery code stood in for one (código de respaldo usado); no act of a trámite.",
        "RECOVERY_CODES_RENEWED": "New recovery codes were made (códigos de respaldo nuevos); no act of a trámite.",
        "ADMINISTRATOR_MADE": "An administrator was made at the machine itself (administrador); no act of a trámite.",
        "STAFF_INVITED": "Somebody was invited to the staff (invitación); no act of a trámite.",
        "INVITATION_WITHDRAWN": "An invitation was taken back (invitación retirada); no act of a trámite.",
        "INVITATION_ACCEPTED": "Somebody joined the staff (invitación aceptada); no act of a trámite.",
        "STAFF_ASSIGNED": "Role or offices of a member of staff were changed (cargo asignado); no act of a trámite.",
        "STAFF_DEACTIVATED": "A member of staff is staff no more (personal dado de baja); no act of a trámite.",
        "MAIL_RELEASED": "Staff released a mail, which became a trámite (correo liberado); no act of a trámite.",
        "MAIL_REJECTED": "Staff found that a mail is no filing (correo rechazado); no act of a trámite.",
        "MAIL_ANSWERED": "Staff wrote to the sender of a mail (correo respondido); no act of a trámite.",
        "RECEIPT_SENT_AGAIN": "A receipt was mailed again, as it was asked for (volver a enviar la constancia).",
        "SERVICE_TOKEN_MADE": "A service token was made (token de servicio creado); no act of a trámite.",
        "SERVICE_TOKEN_REVOKED": "A service token was revoked (token de servicio revocado); no act of a trámite.",
    },
)
_publish(
    Channel,
    "By which door a trámite came (canal).",
    {
        "WEB": "Through this API, from the web or a program (mesa de partes digital).",
        "EMAIL": "By e-mail (correo electrónico).",
    },
)
_publish(
    SenderProof,
    "How sure it is who presented a trámite by mail.",
    {
        "UNPROVEN": "Only the mail says so (remitente sin comprobar).",
        "PROVEN": "The mail was shown to come from its address (remitente comprobado).",
        "CONFIRMED": "Whoever holds the address said so, by a link (remitente confirmado).",
    },
)
_publish(
    DocumentKind,
    "What the main document is (tipo de documento).",
    {
        "LETTER": "A letter (carta).",
        "OFFICIAL_LETTER": "A letter from a public body (oficio).",
        "APPLICATION": "An application (solicitud).",
        "OTHER": "Any other document (otros).",
    },
)
_publish(
    AttachmentRole,
    "What a file is within its trámite.",
    {
        "MAIN": "The main document (documento principal).",
        "ANNEX": "An annex (anexo).",
        "ANSWER": "A file of the answer, added by staff (archivo de la respuesta).",
    },
)
_publish(
    ReceiptKind,
    "What a receipt attests.",
    {
        "SUBMISSION": "That the document was sent (constancia de envío).",
        "RECEPTION": "That the desk received it (cargo de recepción).",
        "VOIDING": "That the applicant withdrew it (constancia de anulación).",
        "COMPLETION": "That what a mail lacked was handed in by its link (constancia de documento completado).",
    },
)
_publish(
    FilingPolicy,
    "How the hour of sending counts for the legal date.",
    {
        "A": "Any time on a working day counts that day (Ley 27444, art. 123, amended by Ley 31465).",
        "B": "After closing time it counts the next working day (DS 029-2021-PCM, art. 46.2 b).",
    },
)

_publish(
    PagesProblem,
    "Why the pages of a PDF are not known.",
    {
        "ENCRYPTED": "It asks for a password to be opened (PDF con clave).",
        "DAMAGED": "It cannot be read (PDF dañado).",
        "EMPTY": "It has no pages (PDF sin páginas).",
        "NOT_COUNTED": "Counting failed or took too long.",
    },
)
_publish(
    Finding,
    "What is found of a file (hallazgo), whatever follows of it.",
    {
        "DAMAGED": "It is damaged or not whole (dañado).",
        "EMPTY": "There is nothing in it: no page, no text, no file (vacío).",
        "ENCRYPTED": "It asks for a password to be opened (con clave de apertura).",
        "RESTRICTED": "A PDF that opens, but forbids printing or copying (protegido).",
        "OTHER_KIND": "Its content is of another kind than its name says.",
        "DISGUISED": "It is two kinds of file at once (políglota).",
        "BOMB": "It grows beyond measure when it is opened (bomba de descompresión).",
        "TOO_COMPLEX": "It is too complex to be looked through.",
        "TOO_MANY_PAGES": "A PDF of more pages than are looked at.",
        "HUGE_PICTURE": "A picture of absurd size.",
        "JAVASCRIPT": "A PDF with a program in it (JavaScript).",
        "LAUNCH": "A PDF that starts another program.",
        "AUTOMATIC_ACTION": "A PDF that does something by itself when it is opened.",
        "EXTERNAL_CONTENT": "It fetches something from elsewhere when it is opened.",
        "MULTIMEDIA": "It holds sound, video or models.",
        "EMBEDDED_FILES": "A PDF with other files in it (archivos incrustados).",
        "FORM": "A PDF whose fields can still be filled in (formulario).",
        "DYNAMIC_FORM": "A PDF that is a dynamic form (XFA).",
        "MACROS": "It has programs in it (macros).",
        "DATA_EXCHANGE": "It asks other programs for data (DDE).",
        "EMBEDDED_OBJECTS": "It holds objects of other programs (objetos incrustados).",
        "CONTROLS": "It holds active controls (ActiveX).",
        "TOO_MANY_MEMBERS": "An archive of more files than are looked at.",
        "OVERLAPPING": "An archive whose parts lie over each other.",
        "NESTED_ARCHIVE": "An archive with archives in it.",
        "ESCAPING_NAME": "An archive that would write outside of its folder.",
        "LINK": "An archive with links instead of files.",
        "PROGRAM": "It holds a program (ejecutable).",
        "PART_OF_SEVERAL": "One part of an archive of several.",
        "MALWARE": "The antivirus found something harmful (programa dañino).",
        "NOT_SCANNED": "The antivirus has not looked at it yet.",
        "PARTLY_SCANNED": "The antivirus could not look at all of it.",
        "NOT_JUDGED": "It could not be looked into yet, or only in part; it is tried again.",
    },
)
_publish(
    Fitness,
    "What follows of all that is found of a file, by what is refused now (dictamen).",
    {
        "FIT": "Nothing was found (apto).",
        "REMARKED": "It is taken, and what was found is told (apto con observaciones).",
        "REFUSED": "It would not be taken on the web; by mail, people decide (no se recibe).",
    },
)
_publish(
    TramiteNoticeKind,
    "What a notice about a trámite tells (aviso).",
    {
        "SUBMISSION_RECEIPT": "That it was received, with its receipt (constancia de envío).",
        "UPDATED": "That its main data were changed (datos actualizados).",
        "CONTACT_CHANGED": "The address that was left behind: notices go elsewhere now (cambio de correo).",
        "VOIDED": "That it was withdrawn, with its receipt (anulado, constancia de anulación).",
        "OBSERVED": "What must be corrected, and until when (observación).",
        "CORRECTED": "That the correction was received (subsanación).",
        "LAPSED": "That it was not corrected in time (tenido por no presentado).",
        "REFERRED": "To which office it was sent (derivación).",
        "RESOLVED": "The answer (atención).",
        "FOLIOS_CORRECTED": "That the desk corrected the number of folios (corrección de folios).",
        "REOPENED": "That it was taken up again, and why (reapertura).",
        "COMPLETED": "That what it lacked was received (documento completado).",
        "TRAMITE_ADDED": "To the owner of an account, that what came by mail is theirs now (trámite agregado).",
        "TRAMITE_CLAIMED": "To the address that it came from, that an account has it now (trámite en una cuenta).",
        "RECEIPT_AGAIN": "A receipt once more, as it was asked for (volver a enviar la constancia).",
        "MAIL_STATUS": "How it stood when its applicant asked by mail (consulta de estado por correo).",
    },
)
_publish(
    NoticeState,
    "What became of a notice (aviso).",
    {
        "PENDING": "It is still to be sent, or sent again (pendiente).",
        "SENT": "The mail server took it over (enviado).",
        "SUPPRESSED": "It was not sent, on purpose (no enviado).",
        "UNDELIVERABLE": "It could not be delivered, or came back (no entregado).",
    },
)
_publish(
    TaskKind,
    "Why a person is needed (tarea).",
    {
        "OBSERVATION_UNDELIVERED": "The notice of an observation did not arrive; nothing lapses until it does.",
        "RECEIPT_UNDELIVERED": "A receipt (constancia) did not arrive.",
        "ADDRESS_BOUNCED": "An address takes no mail any more (correo devuelto).",
        "MAIL_DIFFERENCES": "Mailbox, ledger, store and trámites do not agree (correos que no coinciden).",
        "REPLY_QUARANTINED": "An answer to the observation, in time, waits in quarantine (respuesta en cuarentena).",
        "MALWARE_FOUND": "The antivirus found malware in a file that was received before (programa dañino).",
        "REPLY_NOT_ADDED": "A mail answers the observation in time, but became another trámite (respuesta aparte).",
    },
)

_publish(
    TemplateKind,
    "What a template (plantilla) is for.",
    {
        "OBSERVATION_POINT": "One point of an observation (punto de observación).",
        "ANSWER": "An answer (atención).",
        "REFERRAL": "A word to the office that something is referred to (proveído).",
    },
)
_publish(
    RecoveryState,
    "What became of a recovery by personal data (recuperación por datos personales).",
    {
        "WAITING": "It waits for its delay or for staff (en espera).",
        "APPLIED": "It took effect (aplicada).",
        "STOPPED": "It was stopped from the address on record (detenida por el titular).",
        "REJECTED": "Staff rejected it (rechazada).",
        "CANCELLED": "A password was set otherwise meanwhile (sin efecto).",
        "IGNORED": "It matched no account, or another was waiting; nobody sees it (no procede).",
    },
)
_publish(
    RecoveryDecision,
    "How staff decide a recovery by personal data.",
    {
        "APPROVE": "It takes effect at once (aprobar).",
        "REJECT": "It never takes effect (rechazar).",
    },
)
_publish(
    ClaimState,
    "What became of a claim of an identity (reclamo de identidad).",
    {
        "WAITING": "It waits for staff (en espera).",
        "KEPT": "It was decided for the holder of the account (a favor del titular).",
        "HANDED_OVER": "It was decided for the one who claims (a favor de quien reclama).",
        "IGNORED": "It came while another claim of the same identity was waiting (no procede).",
    },
)
_publish(
    ClaimDecision,
    "How staff decide a claim of an identity.",
    {
        "KEEP_HOLDER": "The account stays with its holder and is no longer frozen (mantener al titular).",
        "HAND_OVER": "The identity is taken from the account, for the one who claims to register (entregar).",
    },
)
_publish(
    StaffState,
    "How it stands with a member of staff.",
    {
        "ACTIVE": "They are staff, and have a second factor (en funciones).",
        "WITHOUT_SECOND_FACTOR": "They are staff, but act as applicants until they enrol one (sin verificación).",
        "DEACTIVATED": "They are staff no more (dado de baja).",
    },
)
_publish(
    SessionKind,
    "Who holds the token of a session.",
    {
        "BEARER": "A program, which sends it as «Authorization: Bearer …».",
        "COOKIE": "A browser, in a cookie that no script can read.",
    },
)

_publish(
    TramiteOrder,
    "In which order trámites are listed.",
    {
        "SENT_LATEST_FIRST": "By when they were sent, the latest first.",
        "SENT_EARLIEST_FIRST": "By when they were sent, the earliest first.",
        "FILED_LATEST_FIRST": "By legal date (fecha de presentación), the latest first.",
        "DEADLINE_SOONEST_FIRST": "By the last day to correct (plazo de subsanación), the soonest first, if any.",
        "DUE_SOONEST_FIRST": "By the day on which the desk must have done something (vencimiento), the soonest first; "
        "staff only, and only what waits for something.",
    },
)
_publish(
    OwnerChoice,
    "Who has taken a trámite on (responsable).",
    {
        "ME": "The viewer (a mi cargo).",
        "NOBODY": "Nobody (sin responsable).",
        "SOMEBODY": "Somebody, whoever it is (con responsable).",
    },
)
_publish(
    ExportFormat,
    "In which form a list is fetched (formato de exportación).",
    {
        "CSV": "Values separated by commas (RFC 4180), in UTF-8 with a byte order mark, as Excel wants it.",
        "XLSX": "A spreadsheet (hoja de cálculo).",
    },
)
_publish(
    ReadKind,
    "What was looked at by somebody whom it is not about (consulta).",
    {
        "TRAMITE": "One trámite.",
        "FILE": "A file of a trámite (archivo).",
        "RECEIPT": "A receipt (constancia).",
        "RECOVERY_REQUESTS": "Recoveries by personal data (recuperaciones de clave).",
        "IDENTITY_CLAIMS": "Claims of an identity (reclamos de identidad).",
        "PEOPLE": "Somebody, or a search by whom things are about (búsqueda por persona).",
        "PERSONAL_DATA": "All that is kept about somebody (datos personales).",
        "EXPORT": "A list, taken away as a file (exportación).",
        "REGISTER": "Acts of the register (registro).",
        "READS": "These very records (registro de consultas).",
        "TRAMITES": "A page of trámites with who filed them, or what people wrote.",
        "TASKS": "A page of tasks (tareas) with whom they are about.",
        "MAIL": "A mail as it came, or its text (correo recibido).",
        "MAILS": "A page of mails (correos recibidos) with what was written about them.",
        "TEXTS": "A page of trámites, found by the words of their files (texto de archivos).",
    },
)
_publish(
    ReportGroup,
    "By what a report (reporte) tells its numbers apart.",
    {
        "OFFICE": "By office (dependencia).",
        "DOCUMENT_KIND": "By what the main document is (tipo de documento).",
        "STATUS": "By the status (estado) that acts led to, and in which trámites wait.",
        "CHANNEL": "By the door they came through (canal).",
        "DAY": "By the day in Lima; a period of at most 93 days.",
    },
)
_publish(
    ReportStep,
    "A step whose time is measured in reports. It counts on the day on which it ends; once a trámite was reopened, "
    "only what was done since is measured.",
    {
        "RECEPTION": "From filing to the desk's reception (cargo de recepción): the first referral, or the answer.",
        "OBSERVATION": "From filing to the observation (observación).",
        "CORRECTION": "From the observation to its correction (subsanación).",
        "ANSWER": "From the first referral to the answer (de recepcionado a atendido).",
        "RESOLUTION": "From filing to the answer (de presentado a atendido).",
        "ANSWER_AGAIN": "From a reopening to the next answer (de reabierto a atendido).",
    },
)

_publish(
    ClosureState,
    "What became of the wish to close an account (cierre de cuenta).",
    {
        "WAITING": "It waits for its day, or for the end of open trámites (en espera).",
        "STOPPED": "It was stopped (detenido).",
        "CLOSED": "The account is closed (cerrada).",
    },
)
_publish(
    RetentionKind,
    "A kind of what is kept about people (clase de datos conservados).",
    {
        "ACCOUNT": "The account and its contact data (cuenta).",
        "SESSIONS": "Sign-ins (ingresos).",
        "CODES": "That a code was sent (códigos).",
        "DRAFTS": "Filings not sent yet (borradores).",
        "UPLOADS": "Files not filed yet (cargas).",
        "USED_UPLOADS": "That a file was uploaded and filed (cargas presentadas).",
        "CLIENT_KEYS": "Keys by which programs try again (claves de envío).",
        "OPEN_TRAMITES": "Trámites under way, with their files (trámites en curso).",
        "RESOLVED_TRAMITES": "What answered trámites tell of people (datos de trámites atendidos).",
        "UNDONE_TRAMITES": "What voided and lapsed trámites tell of people (anulados, tenidos por no presentados).",
        "RESOLVED_FILES": "Bytes of the files of answered trámites (archivos de trámites atendidos).",
        "UNDONE_FILES": "Bytes of the files of voided and lapsed trámites (archivos de los anulados y no presentados).",
        "RECEIPTS": "Receipts (constancias, cargos); they go with what their trámite tells.",
        "NOTICES": "Addresses and texts of mails that were sent (avisos).",
        "TASKS": "What staff noted about tasks (tareas).",
        "RECOVERIES": "Recoveries by personal data (recuperaciones).",
        "CLAIMS": "Claims of identities (reclamos de identidad).",
        "MAILS": "Mails that became no trámite (correos recibidos).",
        "BOUNCED_ADDRESSES": "Addresses that take no mail (correos devueltos).",
        "CLOSURES": "Wishes to close an account (cierres de cuenta).",
        "REGISTER": "The register of acts (registro de actos); it is never erased.",
        "READS": "Who looked at one's data (consultas); never erased.",
        "SEARCHES": "Saved searches and exports (búsquedas guardadas).",
    },
)

_publish(
    MailOutcome,
    "The one thing that became of a mail (resultado de un correo).",
    {
        "FILED": "It became a trámite (presentado).",
        "REPLY": "It went on with a trámite (respuesta): a correction, or a question where it stands.",
        "QUARANTINED": "It waits for a person (en cuarentena): it can be read in two ways, or broke the parser.",
        "AUTOMATIC": "A machine wrote it, and it hands in nothing (automático); never answered.",
        "BOUNCE": "It tells what became of a mail of ours (rebote).",
        "REJECTED": "It is no filing at all (rechazado).",
    },
)
_publish(
    SuppressionReason,
    "Why a mail is not answered, or a notice not sent.",
    {
        "OWN_MAIL": "The mail came from the counter itself.",
        "BOUNCE": "It is a delivery report (rebote).",
        "NULL_RETURN_PATH": "Its envelope has no sender: answers are unwanted.",
        "AUTO_SUBMITTED": "A machine wrote it (RFC 3834).",
        "RESPONSES_UNWANTED": "It says that automatic answers are unwanted.",
        "BULK": "It was sent to many.",
        "MAILING_LIST": "It came by a mailing list.",
        "ROBOT_ADDRESS": "Its sender is the address of a robot.",
        "NO_SINGLE_SENDER": "It has no sender, or several.",
        "NO_ADDRESS": "There is no address to write to.",
        "FORGED": "Somebody else sent it than it says (remitente falso).",
        "TOO_MANY": "The address was written to as often as it may be.",
        "NOT_FILED": "It handed in nothing that a receipt could be given for.",
        "PREFERENCE": "Its reader does without.",
        "ADDRESS_BOUNCED": "The address takes no mail any more.",
    },
)
_publish(
    MailDecisionKind,
    "What a member of staff did with a mail.",
    {
        "RELEASED": "Let it out of quarantine: it became a trámite (liberado).",
        "REJECTED": "Found that it is no filing (rechazado).",
        "ANSWERED": "Wrote to its sender (respondido).",
    },
)

__all__ = [
    "Act",
    "AttachmentRole",
    "Channel",
    "ClaimDecision",
    "ClaimState",
    "ClosureState",
    "DocumentKind",
    "ExportFormat",
    "FilingPolicy",
    "Finding",
    "Fitness",
    "IdentityKind",
    "MailDecisionKind",
    "MailOutcome",
    "NoticeState",
    "OwnerChoice",
    "PagesProblem",
    "ReadKind",
    "ReceiptKind",
    "RecoveryDecision",
    "RecoveryState",
    "ReportGroup",
    "ReportStep",
    "RetentionKind",
    "Role",
    "SenderProof",
    "SessionKind",
    "StaffState",
    "Step",
    "SuppressionReason",
    "TaskKind",
    "TemplateKind",
    "TramiteNoticeKind",
    "TramiteOrder",
    "TramiteStatus",
]
