"""A row that was made fresh is the one that Tortoise's constructor makes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from models.catalogue import Office
from models.fresh import fresh
from models.mail import MailItem
from models.receipts import Notice
from models.tramites import Tramite
from rules.catalogue import Channel
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome
from rules.notices import NoticeKind
from tests.counter import MONDAY

if TYPE_CHECKING:
    from tests.counter import Counter

ID = UUID(int=7)


async def test_fresh_rows_are_what_the_constructor_makes(counter: Counter) -> None:
    assert counter.tools
    office = await Office.first()
    given: dict[type[Any], dict[str, Any]] = {
        Tramite: {
            "id": ID,
            "number": "MPD-2026-000001-M",
            "lookup_key": "K",
            "status": TramiteStatus.PENDING,
            "channel": Channel.EMAIL,
            "office": office,
            "applicant": None,
            "subject": "Pedido",
            "sender_name": "Ana",
            "sent_at": MONDAY,
            "filed_on": date(2026, 3, 9),
            "filing_rule": {"rule": "HOURS"},
        },
        Notice: {"id": ID, "kind": NoticeKind.MAIL_STATUS, "detail": {}, "message_id": "<1@x>", "created_at": MONDAY},
        MailItem: {"id": ID, "mailbox_id": ID, "content_key": "a" * 64, "outcome": MailOutcome.FILED},
    }

    for model, values in given.items():
        assert vars(fresh(model, **values)) == vars(model(**values))


async def test_what_is_made_anew_for_each_row_is_shared_by_none(counter: Counter) -> None:
    assert counter.tools
    first, second = fresh(Tramite), fresh(Tramite)

    first.missing.append("Indique su documento de identidad.")

    assert (first.id == second.id, second.missing) == (False, [])
