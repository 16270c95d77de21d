"""What has an identity of its own at the counter, so that it can be asked for by that alone."""

from enum import StrEnum


class NodeKind(StrEnum):
    """A kind of things of which each has an id unlike that of any other thing."""

    ACCOUNT = "ACCOUNT"
    ATTACHMENT = "ATTACHMENT"
    DRAFT = "DRAFT"
    EXPORT = "EXPORT"
    IDENTITY_CLAIM = "IDENTITY_CLAIM"
    INVITATION = "INVITATION"
    MAIL = "MAIL"
    MAILBOX = "MAILBOX"
    NOTE = "NOTE"
    NOTICE = "NOTICE"
    OFFICE = "OFFICE"
    RECEIPT = "RECEIPT"
    RECOVERY_REQUEST = "RECOVERY_REQUEST"
    SAVED_SEARCH = "SAVED_SEARCH"
    PROGRAM = "PROGRAM"
    SESSION = "SESSION"
    TASK = "TASK"
    TEMPLATE = "TEMPLATE"
    TRAMITE = "TRAMITE"
    UPLOAD = "UPLOAD"
