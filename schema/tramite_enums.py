"""Trámites: closed lists, defined in `rules` and published here, each value with its Spanish term."""

from rules.catalogue import Channel, DocumentKind
from rules.lifecycle import Step, TramiteStatus
from rules.notices import NoticeState, TramiteNoticeKind
from rules.orders import OwnerChoice, TramiteOrder
from rules.register import Act
from rules.reports import ReportGroup, ReportStep
from rules.tasks import TaskKind
from rules.templates import TemplateKind
from rules.workdays import FilingPolicy
from schema.published import publish

publish(
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

publish(
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

publish(
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

publish(
    Channel,
    "By which door a trámite came (canal).",
    {
        "WEB": "Through this API, from the web or a program (mesa de partes digital).",
        "EMAIL": "By e-mail (correo electrónico).",
    },
)

publish(
    DocumentKind,
    "What the main document is (tipo de documento).",
    {
        "LETTER": "A letter (carta).",
        "OFFICIAL_LETTER": "A letter from a public body (oficio).",
        "APPLICATION": "An application (solicitud).",
        "OTHER": "Any other document (otros).",
    },
)

publish(
    FilingPolicy,
    "How the hour of sending counts for the legal date.",
    {
        "A": "Any time on a working day counts that day (Ley 27444, art. 123, amended by Ley 31465).",
        "B": "After closing time it counts the next working day (DS 029-2021-PCM, art. 46.2 b).",
    },
)

publish(
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

publish(
    NoticeState,
    "What became of a notice (aviso).",
    {
        "PENDING": "It is still to be sent, or sent again (pendiente).",
        "SENT": "The mail server took it over (enviado).",
        "SUPPRESSED": "It was not sent, on purpose (no enviado).",
        "UNDELIVERABLE": "It could not be delivered, or came back (no entregado).",
    },
)

publish(
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

publish(
    TemplateKind,
    "What a template (plantilla) is for.",
    {
        "OBSERVATION_POINT": "One point of an observation (punto de observación).",
        "ANSWER": "An answer (atención).",
        "REFERRAL": "A word to the office that something is referred to (proveído).",
    },
)

publish(
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

publish(
    OwnerChoice,
    "Who has taken a trámite on (responsable).",
    {
        "ME": "The viewer (a mi cargo).",
        "NOBODY": "Nobody (sin responsable).",
        "SOMEBODY": "Somebody, whoever it is (con responsable).",
    },
)

publish(
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

publish(
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

__all__ = [
    "Act",
    "Channel",
    "DocumentKind",
    "FilingPolicy",
    "NoticeState",
    "OwnerChoice",
    "ReportGroup",
    "ReportStep",
    "Step",
    "TaskKind",
    "TemplateKind",
    "TramiteNoticeKind",
    "TramiteOrder",
    "TramiteStatus",
]
