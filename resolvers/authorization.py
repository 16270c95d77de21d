"""
For whom every field is: the one table of it. A field that is not here is refused to everybody, and fails a test.

A root field has a rule of its own. An object type has one for all of its fields, or names each of its fields under the
rule that it has. What wraps a mutation's answer or a list shows what its root field gives, to whom that gives it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from rules.access import Right
from rules.authorization import (
    ANYONE,
    HOLDER,
    KEY_HOLDER,
    OWN,
    SIGNED_IN,
    Rule,
    by_desk_right,
    by_duty,
    by_mail_right,
    by_right,
)
from rules.desk import DeskRight
from rules.duties import Duty
from rules.mail_desk import MailRight
from rules.service_tokens import Scope

SEE = by_right(Right.SEE)
TOLD = SEE.for_programs(Scope.STATUS)
"""What tells of trámites, but neither whose they are nor what people wrote."""
PERSONAL = SEE.for_programs(Scope.PEOPLE)
ACT = by_right(Right.ACT)
APPLICANT = by_right(Right.ACT_AS_APPLICANT)
SEE_TASKS = by_right(Right.SEE_TASKS)
SEE_RECOVERIES = by_desk_right(DeskRight.SEE_RECOVERIES)
SEE_CLAIMS = by_desk_right(DeskRight.SEE_CLAIMS)
SEE_REQUESTS = by_desk_right(DeskRight.SEE_RECOVERIES, DeskRight.SEE_CLAIMS)
SEE_STAFF = by_duty(Duty.SEE_STAFF)
MANAGE_STAFF = by_duty(Duty.MANAGE_STAFF)
KEY_HOLDER_SIGNED_IN = Rule("whoever is signed in with the address that was invited, and shows the code")
SEE_MAILS = by_mail_right(MailRight.SEE)
DECIDE_MAILS = by_mail_right(MailRight.DECIDE)
SEE_REGISTER = by_duty(Duty.SEE_REGISTER)
SEE_ADMINISTRATION = by_duty(Duty.SEE_ADMINISTRATION)
ADMINISTER = by_duty(Duty.ADMINISTER)
SEE_RETENTION = by_duty(Duty.SEE_RETENTION)
MANAGE_RETENTION = by_duty(Duty.MANAGE_RETENTION)
EXPORT = by_duty(Duty.EXPORT)
SEE_MALWARE = Rule("Right.SEE, of staff")
OF_OTHERS = Rule("Right.SEE, but for what one filed oneself")
SEE_REPORTS = by_duty(Duty.SEE_REPORTS).for_programs(Scope.REPORTS)
READ_NOTES = by_right(Right.READ_NOTES)
SEE_MAILBOXES = by_duty(Duty.SEE_MAILBOXES)
SEE_TEXTS = by_duty(Duty.SEE_TEXTS)
SEE_TEMPLATES = by_duty(Duty.SEE_TEMPLATES)
COLLEAGUES = Rule("staff, of whom they work with or whose act they are shown")
NODE = Rule("anyone, for what they may see of each kind", needs_session=False).for_programs(Scope.STATUS)
WORDS = Rule("Right.SEE, and Right.READ_NOTES for what one office wrote to another")

ROOTS: Mapping[str, Rule] = {
    # Accounts and sessions
    "Query.me": ANYONE,
    "Query.institution": ANYONE,
    "Query.identityKinds": ANYONE,
    "Query.passwordPolicy": ANYONE,
    "Query.registrationForm": ANYONE,
    "Query.securityCheck": ANYONE,
    "Query.securityCode": ANYONE,
    "Query.sessions": OWN,
    "Query.ownRecovery": OWN,
    "Mutation.register": ANYONE,
    "Mutation.checkPersonalData": ANYONE,
    "Mutation.verifyEmail": KEY_HOLDER,
    "Mutation.resendVerification": ANYONE,
    "Mutation.requestRecovery": ANYONE,
    "Mutation.resetPassword": KEY_HOLDER,
    "Mutation.requestRecoveryByData": ANYONE,
    "Mutation.stopRecovery": KEY_HOLDER,
    "Mutation.claimIdentity": ANYONE,
    "Mutation.signIn": ANYONE,
    "Query.awaitsSecondFactor": ANYONE,
    "Mutation.passSecondFactor": HOLDER,
    "Mutation.signOut": HOLDER,
    "Mutation.beginSecondFactor": OWN,
    "Mutation.confirmSecondFactor": OWN,
    "Mutation.renewRecoveryCodes": OWN,
    "Mutation.endSession": OWN,
    "Mutation.endOtherSessions": OWN,
    "Mutation.changePassword": OWN,
    "Mutation.changeContact": OWN,
    "Mutation.confirmEmailChange": OWN,
    "Mutation.setNoticePreferences": OWN,
    # What the institution makes known
    "Query.offices": ANYONE,
    "Query.openingHours": ANYONE,
    "Query.calendar": ANYONE,
    "Query.privacyPolicy": ANYONE,
    "Query.validateRuc": SIGNED_IN,
    "Query.fileLimits": ANYONE,
    # Filing
    "Query.reviewFiling": OWN,
    "Query.drafts": OWN,
    "Query.draft": OWN,
    "Mutation.openUpload": OWN,
    "Mutation.saveDraft": OWN,
    "Mutation.discardDraft": OWN,
    "Mutation.fileTramite": OWN,
    "Query.filingToComplete": KEY_HOLDER,
    "Mutation.completeFiling": KEY_HOLDER,
    # Trámites
    "Query.tramite": TOLD,
    "Query.tramites": TOLD,
    "Query.publicStatus": KEY_HOLDER,
    "Subscription.statusChanges": TOLD,
    "Mutation.updateTramite": APPLICANT,
    "Mutation.voidTramite": APPLICANT,
    "Mutation.correctTramite": APPLICANT,
    "Mutation.confirmFiling": KEY_HOLDER,
    "Query.fileView": SEE,
    "Mutation.linkToFile": SEE,
    "Mutation.sendReceiptAgain": by_right(Right.SEND_RECEIPTS),
    "Mutation.observeTramite": ACT,
    "Mutation.referTramite": ACT,
    "Mutation.resolveTramite": ACT,
    "Mutation.receiveTramite": ACT,
    "Mutation.correctFolios": ACT,
    "Mutation.reopenTramite": by_right(Right.REOPEN),
    "Mutation.takeTramite": ACT,
    "Mutation.assignTramite": ACT,
    "Mutation.releaseTramite": ACT,
    "Mutation.addNote": by_right(Right.WRITE_NOTES),
    "Mutation.lookAt": by_right(Right.SEE_VIEWERS),
    # Things by their ids
    "Query.node": NODE,
    "Query.nodes": NODE,
    # The desk
    "Query.colleagues": ACT,
    "Query.templates": SEE_TEMPLATES,
    "Mutation.saveTemplate": by_duty(Duty.EDIT_TEMPLATES),
    "Mutation.retireTemplate": by_duty(Duty.EDIT_TEMPLATES),
    "Query.tasks": SEE_TASKS,
    "Query.report": SEE_REPORTS,
    "Query.recoveryRequests": SEE_RECOVERIES,
    "Query.identityClaims": SEE_CLAIMS,
    "Mutation.closeTask": by_right(Right.CLOSE_TASKS),
    "Mutation.decideRecovery": by_desk_right(DeskRight.DECIDE_RECOVERIES, DeskRight.DECIDE_RECOVERIES_OF_STAFF),
    "Mutation.freezeClaimedAccount": by_desk_right(DeskRight.DECIDE_CLAIMS),
    "Mutation.decideIdentityClaim": by_desk_right(DeskRight.DECIDE_CLAIMS),
    "Query.inbox": ACT,
    "Query.savedSearches": OWN,
    "Mutation.saveSearch": OWN,
    "Mutation.deleteSavedSearch": OWN,
    "Mutation.openExport": EXPORT,
    "Query.textProgress": SEE_TEXTS,
    "Mutation.retryTexts": ADMINISTER,
    # Mail
    "Query.mailboxes": SEE_MAILBOXES,
    # Mails
    "Query.mails": SEE_MAILS,
    "Query.mail": SEE_MAILS,
    "Mutation.releaseMail": DECIDE_MAILS,
    "Mutation.rejectMail": DECIDE_MAILS,
    "Mutation.answerMail": DECIDE_MAILS,
    # The staff
    "Query.staff": SEE_STAFF,
    "Query.invitations": SEE_STAFF,
    "Mutation.inviteStaff": MANAGE_STAFF,
    "Mutation.withdrawInvitation": MANAGE_STAFF,
    "Mutation.acceptInvitation": KEY_HOLDER_SIGNED_IN,
    "Mutation.assignStaff": MANAGE_STAFF,
    "Mutation.deactivateStaff": MANAGE_STAFF,
    "Mutation.resetSecondFactor": MANAGE_STAFF,
    # The log of receipts
    "Query.receiptCheck": KEY_HOLDER,
    "Query.receiptProof": KEY_HOLDER,
    "Query.receiptLogHeads": ANYONE,
    "Query.receiptLogConsistency": ANYONE,
    # The register
    "Query.register": SEE_REGISTER,
    "Query.sensitiveReads": SEE_REGISTER,
    # Administration
    "Query.administration": SEE_ADMINISTRATION,
    "Query.calendarVersions": SEE_ADMINISTRATION,
    "Query.policyVersions": SEE_ADMINISTRATION,
    "Query.administrationChanges": SEE_ADMINISTRATION,
    "Mutation.addOffice": ADMINISTER,
    "Mutation.renameOffice": ADMINISTER,
    "Mutation.retireOffice": ADMINISTER,
    "Mutation.reopenOffice": ADMINISTER,
    "Mutation.reorderOffices": ADMINISTER,
    "Mutation.changeHours": ADMINISTER,
    "Mutation.changeFilingPolicy": ADMINISTER,
    "Mutation.declareDays": ADMINISTER,
    "Mutation.importDays": ADMINISTER,
    "Mutation.changeCounterPolicy": ADMINISTER,
    "Query.serviceTokens": SEE_ADMINISTRATION,
    "Mutation.createServiceToken": ADMINISTER,
    "Mutation.revokeServiceToken": ADMINISTER,
    # Personal data
    "Query.personalData": OWN,
    "Query.keptThings": OWN,
    "Query.accountClosure": OWN,
    "Mutation.requestAccountClosure": OWN,
    "Mutation.stopAccountClosure": OWN,
    "Query.retention": SEE_RETENTION,
    "Query.retentionVersions": SEE_RETENTION,
    "Query.retentionPreview": SEE_RETENTION,
    "Mutation.setRetentionPeriod": MANAGE_RETENTION,
    "Mutation.switchErasing": MANAGE_RETENTION,
}
"""Each root field, and for whom it is."""

TYPES: Mapping[str, Rule | Mapping[str, Rule]] = {
    "AccountClosure": OWN,
    "AccountHolder": SEE_REQUESTS,
    **dict.fromkeys(("Administration", "AdministeredOffice", "AdministrationChange"), SEE_ADMINISTRATION),
    **dict.fromkeys(("CalendarVersion", "ChangeAuthor", "ChangeDetail", "CounterPolicy"), SEE_ADMINISTRATION),
    **dict.fromkeys(("FilingPolicyFrom", "HoursFrom", "PolicyVersion"), SEE_ADMINISTRATION),
    "Attachment": {
        **dict.fromkeys(("id", "role", "position", "version", "name", "sizeBytes", "pages", "pagesProblem"), SEE),
        **dict.fromkeys(("kind", "findings", "fitness", "sha256", "text", "url", "erasedAt"), SEE),
        "malwareName": SEE_MALWARE,
    },
    "CertifiedFile": KEY_HOLDER,
    "ChangedPeriod": SEE_RETENTION,
    "ClosedDay": ANYONE,
    "Colleague": COLLEAGUES,
    "Contact": PERSONAL,
    "CorrectionExplained": TOLD,
    "DatesExplained": TOLD,
    "DatingRule": ANYONE,
    "DeskSigns": OF_OTHERS,
    "Doubt": OWN,
    "Draft": OWN,
    "Export": OWN,
    "FileFinding": SEE,
    "FileLimits": ANYONE,
    **dict.fromkeys(("FileText", "FoundInFile", "SnippetPart"), SEE),
    **dict.fromkeys(("FileView", "PagesContent", "PagePictures", "OfficeContent", "OfficeProperties"), SEE),
    **dict.fromkeys(("ArchiveContent", "ArchiveMember", "NothingShown"), SEE),
    "FilingExplained": TOLD,
    "FilingReview": OWN,
    "FilingRule": TOLD,
    "HistoryEntry": {
        **dict.fromkeys(("sequence", "cursor", "at", "act", "fromStatus", "toStatus", "actorRole"), TOLD),
        "text": WORDS,
    },
    "IdentityClaim": SEE_CLAIMS,
    **dict.fromkeys(("IdentityKindChoice", "Institution"), ANYONE),
    "Invitation": SEE_STAFF,
    **dict.fromkeys(("KeptFact", "KeptKind", "KeptThing"), OWN),
    **dict.fromkeys(("LogGrowth", "LogHead"), ANYONE),
    "Mailbox": SEE_MAILBOXES,
    **dict.fromkeys(("Mail", "MailDecision", "MailSource"), SEE_MAILS),
    "Note": READ_NOTES,
    "Notice": SEE,
    "Office": ANYONE,
    "OfficeCalendar": ANYONE,
    "OfficeHours": ANYONE,
    "OpeningHours": ANYONE,
    "Organization": PERSONAL,
    "OverdueKind": SEE_RETENTION,
    "OwnRecovery": OWN,
    "PageInfo": ANYONE,
    "PasswordPolicy": ANYONE,
    "PersonalData": OWN,
    "PrivacyPolicy": ANYONE,
    "Problem": ANYONE,
    "PublicStatus": KEY_HOLDER,
    "FilingToComplete": KEY_HOLDER,
    "Receipt": SEE,
    **dict.fromkeys(("ReceiptCheck", "ReceiptProof"), KEY_HOLDER),
    "RecoveryRequest": SEE_RECOVERIES,
    "RegisterEntry": SEE_REGISTER,
    "RegistrationForm": ANYONE,
    **dict.fromkeys(("Retention", "RetentionPeriod", "RetentionVersion"), SEE_RETENTION),
    "Report": SEE_REPORTS,
    "ReportLine": SEE_REPORTS,
    "ReportTime": SEE_REPORTS,
    "RucValidation": SIGNED_IN,
    "SameFiles": OF_OTHERS,
    "SavedFilter": OWN,
    "SavedSearch": OWN,
    "SecondFactor": OWN,
    "SecurityCheck": ANYONE,
    "SecurityCode": ANYONE,
    "SensitiveRead": SEE_REGISTER,
    "ServiceToken": SEE_ADMINISTRATION,
    "Session": OWN,
    "SkippedDay": TOLD,
    "StaffMember": SEE_STAFF,
    "FeedEvent": TOLD,
    "StatusChange": {
        **dict.fromkeys(("sequence", "at", "act", "fromStatus", "toStatus", "statusLabel"), TOLD),
        **dict.fromkeys(("actorRole", "number", "tramite"), TOLD),
        "text": WORDS,
    },
    "Task": SEE_TASKS,
    "TaskPerson": SEE_TASKS,
    "Template": SEE_TEMPLATES,
    "TemplateVersion": SEE_TEMPLATES,
    "TextProgress": SEE_TEXTS,
    "TotalCount": TOLD,
    "Tramite": {
        **dict.fromkeys(("id", "number", "status", "statusLabel", "channel", "documentKind", "folios"), TOLD),
        **dict.fromkeys(("sentAt", "filedOn", "filingRule", "datesExplained", "office", "correctBy"), TOLD),
        **dict.fromkeys(("revision", "versions", "history"), TOLD),
        **dict.fromkeys(("senderName", "contact", "organization", "subject", "documentNumber"), PERSONAL),
        **dict.fromkeys(("senderProof", "missing", "observation", "observationPoints", "resolution"), SEE),
        **dict.fromkeys(("notices", "receipts", "attachments", "answerFiles", "allowedSteps"), SEE),
        "permissions": SEE,
        **dict.fromkeys(("signs", "sameFiles"), OF_OTHERS),
        "owner": by_right(Right.SEE_OWNER),
        "notes": READ_NOTES,
        "lookupKey": APPLICANT,
    },
    "TramiteChange": SEE,
    "TramitePermissions": SEE,
    "TramiteVersion": TOLD,
    "Upload": OWN,
    "User": OWN,
}
"""Each object type, and for whom it is: as a whole, or field by field."""

INTERFACES: Mapping[str, Rule] = {"Node": NODE}
"""Interfaces that a program may ask without naming a type: which things it is shown, their root field knows."""

WRAPPERS = ("Success", "Connection", "Edge")
"""How the names of types end that only wrap what a root field gives."""


def rule_of(type_name: str, field_name: str) -> Rule | None:
    """Return for whom a field of a root or an object type is; None if nothing says so."""
    ruled = TYPES.get(type_name)
    if isinstance(ruled, Mapping):
        return ruled.get(field_name)
    return ruled or ROOTS.get(f"{type_name}.{field_name}") or INTERFACES.get(type_name)


def is_ruled(type_name: str, field_name: str, *, interfaces: frozenset[str] = frozenset()) -> bool:
    """Say whether it is told for whom a field is; refusals, and what only wraps, are for who is answered by them."""
    return type_name.endswith(WRAPPERS) or "Refusal" in interfaces or rule_of(type_name, field_name) is not None


def is_open_to_program(type_name: str, field_name: str, scopes: Collection[Scope]) -> bool:
    """Say whether a field may be read by a program whose token has *scopes*; what only wraps is, with what it wraps."""
    rule = rule_of(type_name, field_name)
    return rule.is_open_to(scopes) if rule else type_name.endswith(WRAPPERS)
