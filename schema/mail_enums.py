"""Mails: closed lists, defined in `rules` and published here, each value with its Spanish term."""

from rules.mail import MailOutcome, SenderProof, SuppressionReason
from rules.mail_desk import MailDecisionKind
from rules.mailboxes import MailboxFailure
from schema.published import publish

publish(
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

publish(
    SenderProof,
    "How sure it is who presented a trámite by mail.",
    {
        "UNPROVEN": "Only the mail says so (remitente sin comprobar).",
        "PROVEN": "The mail was shown to come from its address (remitente comprobado).",
        "CONFIRMED": "Whoever holds the address said so, by a link (remitente confirmado).",
    },
)

publish(
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

publish(
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

publish(
    MailDecisionKind,
    "What a member of staff did with a mail.",
    {
        "RELEASED": "Let it out of quarantine: it became a trámite (liberado).",
        "REJECTED": "Found that it is no filing (rechazado).",
        "ANSWERED": "Wrote to its sender (respondido).",
    },
)

__all__ = ["MailDecisionKind", "MailOutcome", "MailboxFailure", "SenderProof", "SuppressionReason"]
