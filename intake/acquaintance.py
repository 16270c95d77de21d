"""What is looked up of a mail before it is judged: who vouches for its sender, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.notices import reply_signer
from intake.proof import domain_of_sender, judge_sender
from intake.triage import Known, Thread
from reading.mail_senders import is_party, tramite_of_number, tramite_of_reply
from rules.mail import Proof
from rules.reply_tokens import find_tramite

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from actions.tools import Tools
    from intake.anatomy import ParsedMail
    from intake.proof import OwnServers, SignatureCheck


async def look_up(
    tools: Tools,
    mail: ParsedMail,
    path: Path,
    *,
    account: UUID | None,
    servers: OwnServers,
    signatures: SignatureCheck | None = None,
    received_at: datetime | None = None,
) -> Known:
    """
    Return what is known of a mail, whole in the file at *path*; of one that is received now, if it is not said when.
    *account* is the one that has verified its sender's address.

    Its signatures are checked only where our mail server neither proves nor denies who sent it.
    """
    proof = judge_sender(mail, servers=servers)
    domain = domain_of_sender(mail)
    if proof is Proof.NONE and signatures is not None and domain is not None and mail.dkim_signatures:
        at = min(received_at or tools.clock(), tools.clock())
        signers = await signatures.signers_of(path, domain=domain, received_at=at)
        proof = judge_sender(mail, servers=servers, signers=signers)
    return Known(proof, account, await _thread(tools, mail, account))


async def asked_by_party(mail: ParsedMail, known: Known, number: str) -> UUID | None:
    """Return the trámite of that number, if whoever asks is shown to be its party; else None, be there one or not."""
    tramite = await tramite_of_number(number)
    if tramite is None or not known.proof.is_proven:
        return None
    return tramite.id if is_party(tramite, mail.sender_address, account=known.account) else None


async def _thread(tools: Tools, mail: ParsedMail, account: UUID | None) -> Thread | None:
    tramite_id = find_tramite((*mail.references, *mail.recipients), reply_signer(tools))
    tramite = await tramite_of_reply(tramite_id) if tramite_id else None
    if tramite is None:
        return None
    return Thread(tramite.id, tramite.status, is_party(tramite, mail.sender_address, account=account))
