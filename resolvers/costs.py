"""
What the API's fields cost, beside what the schema says of itself: the one table of it.

A field costs one point, as often as the lists above it may be long. `first` and `last` say how long; a list of objects
without them is here, with the most that it is ever given, and a test finds those that are missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from reading.changes import PAGE
from resolvers.engine.costs import CostTable

LISTS: Mapping[str, int] = {
    # Accounts and sessions
    **dict.fromkeys(("Query.identityKinds", "RegistrationForm.identityKinds"), 10),
    "Query.sessions": 100,
    **dict.fromkeys(("User.offices", "StaffMember.offices"), 100),
    # What the institution makes known
    "Query.offices": 200,
    "OfficeCalendar.closedDays": 400,
    # Filing
    "Query.drafts": 50,
    "Draft.annexUploads": 10,
    **dict.fromkeys(("FilingReview.problems", "FilingReview.doubts"), 30),
    **dict.fromkeys(("FilingReview.skipped", "FilingExplained.skipped", "CorrectionExplained.skipped"), 60),
    "FilingRule.skipped": 60,
    "Upload.findings": 20,
    # Trámites
    **dict.fromkeys(("Tramite.attachments", "Tramite.answerFiles"), 30),
    **dict.fromkeys(("Tramite.versions", "Tramite.receipts"), 20),
    "Attachment.findings": 20,
    "TramiteEdge.foundIn": 3,
    "FoundInFile.snippet": 30,
    "Query.savedSearches": 50,
    "FileView.findings": 20,
    # The desk
    "Query.colleagues": 200,
    "LookAtSuccess.viewers": 50,
    "Template.versions": 50,
    "Mail.decisions": 100,
    "Report.lines": 500,
    "ReportLine.times": 10,
    # The staff
    "Query.invitations": 100,
    "Query.mailboxes": 100,
    # Administration
    **dict.fromkeys(("Administration.offices", "ReorderOfficesSuccess.offices"), 200),
    "Administration.filingPolicies": 100,
    "AdministeredOffice.hoursChanges": 20,
    **dict.fromkeys(("AdministrationChange.details", "PolicyVersion.changes"), 30),
    # Personal data
    "PersonalData.kinds": 50,
    "KeptThing.facts": 30,
    "Retention.periods": 50,
    "Query.retentionVersions": 100,
    "RetentionVersion.periods": 50,
    "Query.retentionPreview": 50,
    # The feed: so many changes are read at once of what was missed
    "Subscription.statusChanges": PAGE,
    # Receipts and refusals
    "ReceiptCheck.files": 10,
    "InvalidInput.others": 30,
    "TramiteChanged.changes": 20,
}
"""
The most that lists of objects hold which cannot be asked for by `first` or `last`; and how many events of a
subscription are read at once.
"""

COUNTED: Mapping[str, str] = {"Query.nodes": "ids"}
"""Lists that hold one thing for each that an argument names."""

PAGES: Mapping[str, int] = {"Query.fileView": 200}
"""Where a page may be longer than 100."""

OWN: Mapping[str, int] = {
    "Query.report": 500,
    **dict.fromkeys(("Query.retentionPreview", "Query.keptThings", "Query.personalData"), 100),
    **dict.fromkeys(("Query.textProgress", "Query.receiptProof", "Query.receiptLogConsistency"), 100),
    **dict.fromkeys(("Query.securityCode", "Query.fileView"), 100),
    "TramiteConnection.totalCount": 100,
    "Tramite.sameFiles": 5,
    **dict.fromkeys(("Mutation.signIn", "Mutation.register", "Mutation.resetPassword", "Mutation.changePassword"), 500),
}
"""What costs more than to read a column: counting, adding up, drawing, hashing a password."""

WORDS = {"text": 300, "name": 300, "inFiles": 500, "identityNumber": 30}
"""
What a search by words costs, and by whom. A page is read in a fifth of a millisecond of the database's, by an index in
its order. How frequent each word is must be asked first, some milliseconds, and where none is rare enough to find all
that it is in, or too frequent to look for it page by page, all that may be seen is compared, twenty milliseconds.
"""

GIVEN: Mapping[str, int] = {
    **{f"Query.{name}.filter.{key}": points for name in ("tramites", "inbox") for key, points in WORDS.items()},
    "Query.tramites.savedSearch": sum(WORDS.values()),
}
"""What is paid besides for what fields are given; a saved search may hold any words."""

ATTEMPTS = frozenset(
    {
        *("Mutation.signIn", "Mutation.passSecondFactor", "Mutation.register", "Mutation.checkPersonalData"),
        *("Mutation.verifyEmail", "Mutation.resendVerification", "Mutation.requestRecovery", "Mutation.resetPassword"),
        *("Mutation.requestRecoveryByData", "Mutation.stopRecovery", "Mutation.claimIdentity"),
        *("Mutation.confirmSecondFactor", "Mutation.renewRecoveryCodes", "Mutation.changePassword"),
        *("Mutation.changeContact", "Mutation.confirmEmailChange", "Mutation.acceptInvitation"),
        *("Mutation.confirmFiling", "Mutation.completeFiling", "Query.filingToComplete"),
        *("Query.publicStatus", "Query.receiptCheck", "Query.receiptProof"),
    }
)
"""Whatever tries a password, a code, a key or somebody's data: one of them in an operation, whatever its alias."""

COSTS = CostTable(LISTS, COUNTED, PAGES, OWN, GIVEN, ATTEMPTS)
