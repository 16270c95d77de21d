"""Accounts: closed lists, defined in `rules` and published here, each value with its Spanish term."""

from rules.access import Role
from rules.claims import ClaimDecision, ClaimState
from rules.closures import ClosureState
from rules.kept_kinds import RetentionKind
from rules.people import IdentityKind
from rules.reads import ReadKind
from rules.recoveries import RecoveryDecision, RecoveryState
from rules.service_tokens import Scope
from rules.sessions import SessionKind
from rules.staff import StaffState
from schema.published import publish

publish(
    IdentityKind,
    "A kind of identity document (documento de identidad).",
    {
        "DNI": "National identity document (Documento Nacional de Identidad).",
        "CE": "Foreigner's card (Carné de Extranjería).",
        "PTP": "Temporary residence permit (Permiso Temporal de Permanencia).",
    },
)

publish(
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

publish(
    Scope,
    "What a service token lets a program read (alcance).",
    {
        "STATUS": "Trámites and their changes: number, kind, status, dates and office; not whose they are (estado).",
        "PEOPLE": "Besides, who filed, how to reach them, and what it is about (personas); what is read is recorded.",
        "REPORTS": "Reports (reportes).",
    },
)

publish(
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

publish(
    RecoveryDecision,
    "How staff decide a recovery by personal data.",
    {
        "APPROVE": "It takes effect at once (aprobar).",
        "REJECT": "It never takes effect (rechazar).",
    },
)

publish(
    ClaimState,
    "What became of a claim of an identity (reclamo de identidad).",
    {
        "WAITING": "It waits for staff (en espera).",
        "KEPT": "It was decided for the holder of the account (a favor del titular).",
        "HANDED_OVER": "It was decided for the one who claims (a favor de quien reclama).",
        "IGNORED": "It came while another claim of the same identity was waiting (no procede).",
    },
)

publish(
    ClaimDecision,
    "How staff decide a claim of an identity.",
    {
        "KEEP_HOLDER": "The account stays with its holder and is no longer frozen (mantener al titular).",
        "HAND_OVER": "The identity is taken from the account, for the one who claims to register (entregar).",
    },
)

publish(
    StaffState,
    "How it stands with a member of staff.",
    {
        "ACTIVE": "They are staff, and have a second factor (en funciones).",
        "WITHOUT_SECOND_FACTOR": "They are staff, but act as applicants until they enrol one (sin verificación).",
        "DEACTIVATED": "They are staff no more (dado de baja).",
    },
)

publish(
    SessionKind,
    "Who holds the token of a session.",
    {
        "BEARER": "A program, which sends it as «Authorization: Bearer …».",
        "COOKIE": "A browser, in a cookie that no script can read.",
    },
)

publish(
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

publish(
    ClosureState,
    "What became of the wish to close an account (cierre de cuenta).",
    {
        "WAITING": "It waits for its day, or for the end of open trámites (en espera).",
        "STOPPED": "It was stopped (detenido).",
        "CLOSED": "The account is closed (cerrada).",
    },
)

publish(
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

__all__ = [
    "ClaimDecision",
    "ClaimState",
    "ClosureState",
    "IdentityKind",
    "ReadKind",
    "RecoveryDecision",
    "RecoveryState",
    "RetentionKind",
    "Role",
    "Scope",
    "SessionKind",
    "StaffState",
]
