"""Servers of a mailbox: their word counts in it alone, for who sent a mail and for when it was received."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from intake.proof import OwnServers
from intake.replay import replay
from models.tramites import Tramite
from reading.mail_audit import of_ledger
from rules.mail import Proof
from rules.mail_audit import DifferenceKind
from tests.mails import EARLIER, Postman, source
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from pathlib import Path

    from models.mail import MailItem
    from tests.counter import Counter
    from tests.lasting_jail import LastingJail

LIMA = OwnServers(frozenset({"mx.mesa.pe"}))
CUSCO = OwnServers(frozenset({"mx.cusco.pe"}))
ABOVE = (
    b"Received: from mail.example.pe by mx.mesa.pe with ESMTPS id 2; Thu, 5 Mar 2026 10:00:00 -0500\r\n"
    b"Authentication-Results: mx.mesa.pe; dmarc=pass header.from=example.pe\r\n"
)


@pytest.fixture
def postman(counter: Counter, lasting_jail: LastingJail, tmp_path: Path) -> Postman:
    """Return who brings mails to a counter whose mail server is that of Lima."""
    postman = Postman(counter, lasting_jail, tmp_path)
    postman.means = replace(postman.means, servers=LIMA)
    return postman


async def bring(postman: Postman, servers: OwnServers | None) -> MailItem:
    content = ABOVE + write_mail(("a.pdf", PDF)).as_bytes()
    box = replace(source(), servers=servers)
    return (await replay(postman.means, box, io.BytesIO(content), received_at=EARLIER)).item


@pytest.mark.parametrize(
    ("proof", "days", "servers"),
    [
        (Proof.PROVEN_BY_SERVER, 1, None),
        (Proof.PROVEN_BY_SERVER, 1, LIMA),
        (Proof.NONE, 0, CUSCO),
        (Proof.NONE, 0, OwnServers()),
    ],
)
async def test_the_servers_of_a_mailbox_are_those_of_all_or_its_own(
    postman: Postman, proof: Proof, days: int, servers: OwnServers | None
) -> None:
    item = await bring(postman, servers)

    tramite = await Tramite.get(mails__id=item.id)
    assert item.proof is proof
    assert tramite.sent_at == item.received_at == EARLIER - timedelta(days=days)
    assert DifferenceKind.WRONG_DATE not in {each.kind for each in await of_ledger(now=postman.counter.clock())}
