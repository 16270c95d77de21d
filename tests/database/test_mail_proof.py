"""A mail from its bytes to whose filing it is: by what our own server wrote, or by signatures that were checked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from actions import mail
from files.jail import Jail
from intake.parsing import PARSE
from intake.proof import OwnServers
from intake.reception import Arrival, Means, receive
from intake.spool import Spool
from models.mail import MailItem
from models.people import User
from models.receipts import Notice
from models.tramites import Tramite
from rules.mail import Proof, SenderProof
from rules.notices import NoticeState
from tests.database.mailing import ANA, lease_of_inbox
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.counter import Counter

OURS = OwnServers(frozenset({"mx.mesa.pe"}), frozenset({"mesa.pe"}))
HOP = "Received: from mx.mesa.pe by imap.mesa.pe with LMTP id 1; Mon, 9 Mar 2026 10:00:00 -0500\r\n"
BORDER = "Received: from mail.example.pe by mx.mesa.pe with ESMTPS id 2; Mon, 9 Mar 2026 09:59:59 -0500\r\n"
FOREIGN = "Received: from pc by mail.example.pe with ESMTPA id 3; Mon, 9 Mar 2026 09:59:58 -0500\r\n"
PASS = "Authentication-Results: mx.mesa.pe;\r\n dmarc=pass header.from=example.pe\r\n"
FAIL = "Authentication-Results: mx.mesa.pe; dmarc=fail header.from=example.pe\r\n"


class Checked:
    """A check that has found the signatures of these domains to hold."""

    def __init__(self, *signers: str) -> None:
        self._signers = frozenset(signers)

    async def signers_of(self, path: Path, *, domain: str, received_at: datetime) -> frozenset[str]:
        """Return them, of a mail that is there."""
        assert domain == "example.pe"
        assert received_at.tzinfo is not None
        return self._signers if path.stat().st_size else frozenset()


async def take_in(counter: Counter, folder: Path, above: str, *, signers: tuple[str, ...] | None = None) -> None:
    signature = "" if signers is None else "DKIM-Signature: v=1\r\n"
    content = above.encode() + signature.encode() + write_mail(("pedido.pdf", PDF), sender=f"Ana <{ANA}>").as_bytes()
    (folder / "mail").write_bytes(content)
    lease = await lease_of_inbox()
    arrival = Arrival(mail.Slot(1, 1), folder / "mail", hashlib.sha256(content).hexdigest(), counter.clock())
    jail = Jail((PARSE,), reads=ANYWHERE)
    checked = None if signers is None else Checked(*signers)
    means = Means(counter.tools, jail, Spool(folder / "spool"), servers=OURS, signatures=checked)
    await receive(means, lease, arrival)
    await jail.close()


@pytest.mark.parametrize(
    ("above", "signers", "proof", "is_linked"),
    [
        (HOP + PASS + BORDER + FOREIGN, None, Proof.PROVEN_BY_SERVER, True),
        (HOP + BORDER + PASS + FOREIGN, None, Proof.PROVEN_BY_SERVER, True),
        (HOP + BORDER + FOREIGN + PASS, None, Proof.NONE, False),
        (HOP + BORDER + FOREIGN, None, Proof.NONE, False),
        (HOP + BORDER + FOREIGN, ("example.pe",), Proof.PROVEN_BY_DKIM, True),
        (HOP + BORDER + FOREIGN, ("evil.pe",), Proof.NONE, False),
        (FAIL + BORDER + PASS, ("example.pe",), Proof.FAILED, False),
        ("", None, Proof.NONE, False),
    ],
)
async def test_a_mail_is_linked_to_the_account_of_a_proven_sender_only(
    counter: Counter, tmp_path: Path, above: str, signers: tuple[str, ...] | None, proof: Proof, is_linked: bool
) -> None:
    ana = await counter.register(email=ANA)
    before = await User.get(id=ana.user_id).values()

    await take_in(counter, tmp_path, above, signers=signers)

    tramite = await Tramite.get()
    assert (await MailItem.get()).proof is proof
    assert tramite.applicant_id == (ana.user_id if is_linked else None)
    assert tramite.sender_proof is (SenderProof.PROVEN if proof.is_proven else SenderProof.UNPROVEN)
    expected = NoticeState.SUPPRESSED if proof is Proof.FAILED else NoticeState.PENDING
    assert (await Notice.get(tramite_id=tramite.id)).state is expected
    assert await User.get(id=ana.user_id).values() == before
