"""The date of a mail: when our server received it, by what our servers wrote; earlier than INTERNALDATE or not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.proof import NO_SERVERS, OwnServers
from intake.receipt_time import received_by_us

OURS = OwnServers(frozenset({"mx.mesa.pe"}), frozenset({"mesa.pe"}))
COPIED = datetime(2026, 3, 9, 15, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 6, 15, tzinfo=UTC)
ON_FRIDAY = "Fri, 6 Mar 2026 10:00:00 -0500"
OWN = f"from mail.banco.pe (mail.banco.pe [192.0.2.1]) by mx.mesa.pe (Postfix; v3) with ESMTPS id 2; {ON_FRIDAY}"
FOREIGN = "from pc by mail.banco.pe with ESMTPA id 3; Thu, 5 Mar 2026 09:59:58 -0500"
FORGED = "from pc by mx.mesa.pe with ESMTPS id 9; Mon, 2 Mar 2026 10:00:00 -0500"
INNER = "by 10.0.0.7 with SMTP id x; Mon, 2 Feb 2026 10:00:00 -0500"


def dated(*received: str, servers: OwnServers = OURS, internal_date: datetime = COPIED) -> datetime:
    return received_by_us(received, internal_date, servers=servers)


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        (FRIDAY, (OWN, FOREIGN)),
        (FRIDAY, (INNER, OWN, FOREIGN)),
        (FRIDAY, (OWN, FOREIGN, FORGED)),
        (FRIDAY, (OWN.replace("mail.banco.pe (mail", "imap.mesa.pe (mail"), FORGED, FOREIGN)),
        (COPIED, ()),
        (COPIED, (INNER,)),
        (COPIED, (FOREIGN, OWN)),
        (COPIED, (FOREIGN, FORGED)),
        (COPIED, (INNER, FOREIGN, FORGED)),
        (COPIED, (OWN.replace("by mx.mesa.pe", "by mx.mesa.pe.evil.pe"), FOREIGN)),
        (COPIED, (OWN.replace("by mx.mesa.pe", "by mx.mesa.pe by evil.pe"), FOREIGN)),
    ],
)
def test_the_newest_field_of_our_servers_counts_and_nothing_below_a_foreign_one(
    expected: datetime, received: tuple[str, ...]
) -> None:
    assert dated(*received) == expected


def test_an_internaldate_of_before_our_server_had_the_mail_is_what_its_sender_says() -> None:
    assert dated(OWN, internal_date=FRIDAY) == FRIDAY
    assert dated(OWN, internal_date=FRIDAY - timedelta(minutes=59)) == FRIDAY - timedelta(minutes=59)
    assert dated(OWN, internal_date=FRIDAY - timedelta(minutes=61)) == FRIDAY
    assert dated(OWN, internal_date=datetime(1995, 1, 2, tzinfo=UTC)) == FRIDAY
    assert dated(FOREIGN, internal_date=datetime(1995, 1, 2, tzinfo=UTC)) == datetime(1995, 1, 2, tzinfo=UTC)


def test_without_servers_of_ours_nobody_is_believed() -> None:
    assert dated(OWN, FOREIGN, servers=NO_SERVERS) == COPIED


@pytest.mark.parametrize(
    ("expected", "written"),
    [
        (FRIDAY, "6 Mar 2026 15:00 GMT"),
        (FRIDAY, "Fri,  06 Mar 2026 10:00:00 -0500 (PET; Lima)"),
        (FRIDAY, "Fri, 6 Mar 2026 15:00:00.123456 Z"),
        (FRIDAY + timedelta(seconds=1), "Fri, 6 Mar 2026 15:00:01 UT"),
        (COPIED, ""),
        (COPIED, "Fri, 6 Mar 2026 10:00:00"),
        (COPIED, "Fri, 6 Mar 2026 10:00:00 EST"),
        (COPIED, "Fri, 36 Mar 2026 10:00:00 -0500"),
        (COPIED, "Fri, 6 Mzo 2026 10:00:00 -0500"),
        (COPIED, "Fri, 6 Mar 1970 10:00:00 -0500"),
        (COPIED, "Fri, 6 Mar 0001 00:00:00 +2359"),
        (COPIED, "Fri, 6 Mar 2026 10:00:00 +9999"),
        (COPIED, "yesterday"),
    ],
)
def test_a_date_that_cannot_be_read_is_none(expected: datetime, written: str) -> None:
    assert dated(OWN.replace(ON_FRIDAY, written)) == expected
