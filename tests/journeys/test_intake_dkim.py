"""Mail whose sender no server of ours vouches for: its own signature does, by a key in the DNS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from files.jail import Jail
from intake.dkim_check import CHECK, FIND, MEMORY_BYTES, DkimCheck
from intake.dkim_keys import Dns, Keys
from intake.proof import OwnServers
from models.mail import MailItem
from models.people import User
from models.tramites import Tramite
from rules.mail import MailOutcome, Proof, SenderProof
from tests.journeys.test_intake import EARLIER, Desk, desk, password_pool
from tests.lasting_jail import ANYWHERE
from tests.servers.dns import LOCAL, dns_server
from tests.unit.intake.mails import PDF, write_mail
from tests.unit.intake.signing import NAME, new_key, signed

if TYPE_CHECKING:
    from tests.servers.dns import DnsServer

__all__ = ["desk", "password_pool"]

ANA: Final = "ana@example.pe"
OURS: Final = OwnServers(frozenset({"mx.example.org"}))
TRACE: Final = b"Received: from mail.example.pe by mx.example.org with ESMTPS; Mon, 9 Mar 2026 08:00:00 -0500\r\n"


def mail_of_ana() -> bytes:
    """Return a mail as it leaves the mail server of its sender."""
    content = write_mail(("pedido.pdf", PDF), sender=f"Ana <{ANA}>").as_bytes()
    return signed(content, t=str(int(EARLIER.timestamp()) - 5))


async def taken_in(desk: Desk, content: bytes, server: DnsServer) -> tuple[Tramite, MailItem]:
    """Take in a mail by a worker that checks signatures; return what became of it."""
    jail = Jail([FIND, CHECK], reads=ANYWHERE, memory_bytes=MEMORY_BYTES)
    desk.means = replace(desk.means, signatures=DkimCheck(jail, Keys(Dns((LOCAL,), port=server.port))))
    await desk.put(content)
    async with desk.working():
        await desk.until_placed(Procesados=1)
    await jail.close()
    return await Tramite.get(), await MailItem.get()


async def test_a_signed_mail_of_a_verified_address_is_its_accounts_without_a_word_of_our_server(desk: Desk) -> None:
    ana = await desk.counter.register(email=ANA)
    before = await User.get(id=ana.user_id).values()

    async with dns_server({NAME: [[new_key().published()]]}) as server:
        tramite, item = await taken_in(desk, TRACE + mail_of_ana(), server)

    assert (item.proof, item.outcome) == (Proof.PROVEN_BY_DKIM, MailOutcome.FILED)
    assert (tramite.applicant_id, tramite.sender_proof) == (ana.user_id, SenderProof.PROVEN)
    assert await User.get(id=ana.user_id).values() == before


@pytest.mark.parametrize("is_published", [True, False])
async def test_with_another_subject_or_without_a_key_it_is_received_unproven(desk: Desk, is_published: bool) -> None:
    await desk.counter.register(email=ANA)
    content = mail_of_ana()
    changed = content.replace(b"Solicito copia", b"Solicito pago")
    assert changed != content

    async with dns_server({NAME: [[new_key().published()]]} if is_published else {}) as server:
        tramite, item = await taken_in(desk, TRACE + (changed if is_published else content), server)

    assert (item.proof, item.outcome) == (Proof.NONE, MailOutcome.FILED)
    assert (tramite.applicant_id, tramite.sender_proof) == (None, SenderProof.UNPROVEN)
    assert tramite.sent_at == EARLIER


async def test_a_mail_that_our_server_found_forged_stays_forged_and_no_key_is_looked_up(desk: Desk) -> None:
    await desk.counter.register(email=ANA)
    verdict = b"Authentication-Results: mx.example.org; dmarc=fail header.from=example.pe\r\n"
    desk.source = replace(desk.source, servers=OURS)

    async with dns_server({NAME: [[new_key().published()]]}) as server:
        tramite, item = await taken_in(desk, verdict + TRACE + mail_of_ana(), server)

    assert (item.proof, tramite.applicant_id, server.asked) == (Proof.FAILED, None, [])
