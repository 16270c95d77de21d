"""What each act on a trámite promises: the receipt that certifies it, and the notice that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rules.catalogue import ReceiptKind
from rules.notices import NoticeKind
from rules.register import Act

RECEIPT_OF: Final[Mapping[Act, ReceiptKind]] = {
    Act.FILED: ReceiptKind.SUBMISSION,
    Act.CORRECTED: ReceiptKind.SUBMISSION,
    Act.VOIDED: ReceiptKind.VOIDING,
    Act.REFERRED: ReceiptKind.RECEPTION,
    Act.RESOLVED: ReceiptKind.RECEPTION,
    Act.COMPLETED: ReceiptKind.COMPLETION,
}
"""
The receipt of a correction or a completion is of the version that its entry names; all others are of the first.

The cargo de recepción comes with the first validation only, whose entry names it in its detail.
"""

NOTICE_OF: Final[Mapping[Act, NoticeKind]] = {
    Act.FILED: NoticeKind.SUBMISSION_RECEIPT,
    Act.UPDATED: NoticeKind.UPDATED,
    Act.VOIDED: NoticeKind.VOIDED,
    Act.OBSERVED: NoticeKind.OBSERVED,
    Act.CORRECTED: NoticeKind.CORRECTED,
    Act.LAPSED: NoticeKind.LAPSED,
    Act.REFERRED: NoticeKind.REFERRED,
    Act.RESOLVED: NoticeKind.RESOLVED,
    Act.FOLIOS_CORRECTED: NoticeKind.FOLIOS_CORRECTED,
    Act.REOPENED: NoticeKind.REOPENED,
    Act.COMPLETED: NoticeKind.COMPLETED,
    Act.RECEIPT_SENT_AGAIN: NoticeKind.RECEIPT_AGAIN,
}
