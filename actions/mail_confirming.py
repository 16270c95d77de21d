"""Whose a mail is: it says who sent it, our server or a link proves it, and only then has an account a part in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import gate, late_replies, notices, submission
from actions.mail_links import use_link
from actions.register import Record, append
from actions.steps import save_change
from actions.transaction import tx
from models.people import User
from reading.mail_accounts import account_with
from rules.access import Role
from rules.mail import Proof, SenderProof
from rules.mail_links import AlreadyOwned, LinkPurpose
from rules.notices import NoticeKind
from rules.refusals import NotSignedIn
from rules.register import Act
from rules.throttling import Door

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.queryset import QuerySet

    from actions.mail_links import UsedLink
    from actions.tools import Tools
    from models.tramites import Tramite
    from reading.access import Viewer
    from rules.throttling import Client


@dataclass(frozen=True)
class Confirmation:
    """Whoever holds the link says that the mail is theirs; *claims*: the trámite shall be of their account, too."""

    token: str
    claims: bool = False


async def lock_owner(account: UUID | None, *, address: str | None, proof: Proof) -> User | None:
    """
    Return the account, locked, within a transaction, whose filing a mail is; None if it is nobody's.

    Only that of a sender who is proven, whose address it has verified, and no other account with it. Nothing of the
    account is changed by a mail, ever.
    """
    if account is None or address is None or not proof.is_proven:
        return None
    user = await _live().filter(id=account).select_for_update(no_key=True).first()
    return user if user is not None and await account_with(address) == user.id else None


def _live() -> QuerySet[User]:
    return User.filter(frozen_at__isnull=True, closed_at__isnull=True)


async def confirm_filing(tools: Tools, wish: Confirmation, *, viewer: Viewer | None, client: Client) -> Tramite:
    """
    Confirm, by the link that went to the address of its sender, that a trámite by mail is theirs; return the trámite.

    With an account, whichever it is, it becomes that account's, which from now on may update, void and correct it; its
    address and the one that the mail came from are told. Without one, it is marked as confirmed and stays nobody's.
    Dates, sender and files stay as they were. So does its status, unless it answers the open observation of a trámite
    of the same party: then it is made its correction, as of when the mail came, and voided.

    Raises:
        NotSignedIn: it is claimed, and nobody is signed in.
        NoSuchLink, LinkUsed, LinkExpired: as `use_link`.
        AlreadyOwned: another account has it.
        TooManyRequests: too many tries.
    """
    if wish.claims and viewer is None:
        raise NotSignedIn
    await gate.admit(tools, Door.MAIL_LINK, client)
    async with tx() as connection:
        user = await _claimant(viewer) if wish.claims and viewer else None
        link = await use_link(connection, tools, wish.token, LinkPurpose.CONFIRM, user=user)
        tramite = link.tramite
        if user is not None and tramite.applicant_id not in (None, user.id):
            raise AlreadyOwned
        if not link.is_first_use:
            return tramite
        answered = await late_replies.add_reply(connection, tools, tramite, user)
        await _mark(tramite, user)
        await _tell(tools, tramite, user)
        await append(connection, _record(tools, link, user))
        if answered is not None:
            await late_replies.void_added(connection, tools, tramite, answered)
    submission.wake(tools)
    return tramite


async def _claimant(viewer: Viewer) -> User:
    user = await _live().filter(id=viewer.user_id).select_for_update(no_key=True).first()
    if user is None:
        raise NotSignedIn
    return user


async def _tell(tools: Tools, tramite: Tramite, user: User | None) -> None:
    """Promise to tell the owner what is theirs now, and the address that the mail came from that it is somebody's."""
    if user is None:
        return
    await notices.promise(tools, NoticeKind.TRAMITE_ADDED, tramite=tramite, user=user, address=user.email)
    if tramite.contact_email is not None and tramite.contact_email.casefold() != (user.email or "").casefold():
        await notices.promise(tools, NoticeKind.TRAMITE_CLAIMED, tramite=tramite)


async def _mark(tramite: Tramite, user: User | None) -> None:
    if tramite.sender_proof is not SenderProof.PROVEN:
        tramite.sender_proof = SenderProof.CONFIRMED
    if user is not None:
        tramite.applicant_id = user.id
    await save_change(tramite, ["sender_proof", "applicant_id"])


def _record(tools: Tools, link: UsedLink, user: User | None) -> Record:
    tramite = link.tramite
    assert tramite.sender_proof is not None
    return Record(
        Act.CONFIRMED,
        at=tools.clock(),
        role=Role.APPLICANT if user else Role.SYSTEM,
        actor_id=user.id if user else None,
        tramite_id=tramite.id,
        from_status=tramite.status,
        to_status=tramite.status,
        detail={"link": str(link.id), "senderProof": tramite.sender_proof.value},
    )
