"""Claims of an identity that somebody else registered: made by strangers, decided by supervisors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from actions import accounts, gate, notices, register
from actions.register import Record
from actions.transaction import tx
from models.people import User
from models.requests import IdentityClaim
from rules import people
from rules.access import Role
from rules.claims import NO_FREEZE_FOR, ClaimState, clean_claim_statement, freezes
from rules.notices import SECRET, NoticeKind
from rules.numbering import CODE_BYTES, new_code
from rules.people import Identity
from rules.refusals import Checks
from rules.register import Act
from rules.sessions import token_hash
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from uuid import UUID

    from actions.tools import Tools
    from rules.people import IdentityKind


@dataclass(frozen=True, kw_only=True)
class ClaimForm:
    """What a person fills in who finds their document number taken, as typed."""

    identity_kind: IdentityKind
    identity_number: str
    given_names: str
    first_surname: str
    second_surname: str
    email: str
    mobile: str
    statement: str
    proof: str | None = None


async def claim_identity(tools: Tools, form: ClaimForm, *, client: Client) -> None:
    """
    Claim an identity; a reference goes to the address given. Whoever has an account with it is told by mail at once.

    The account is frozen at once, as `rules.claims.freezes` says. An identity without an account, or with a claim that
    waits, is answered alike after the same work.

    Raises:
        InvalidInput: for every field that does not hold what it must.
        TooManyRequests: too many tries.
    """
    cleaned = _cleaned(form)
    tried = str(Identity(cleaned["identity_kind"], cleaned["identity_number"]))
    await gate.admit(tools, Door.CLAIM_IDENTITY, client, account=tried, proof=form.proof)
    try:
        await _record(tools, cleaned)
    except IntegrityError:
        # Two claimed an identity without an account at once: there was no row to wait for. Now the other one is seen.
        await _record(tools, cleaned)
    tools.wake(notices.NOTICES)


def _cleaned(form: ClaimForm) -> dict[str, Any]:
    checks, second = Checks(), form.second_surname
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    cleaned = {
        "identity_kind": form.identity_kind,
        "identity_number": identity.number if identity else "",
        "given_names": checks.take("givenNames", people.clean_name, form.given_names),
        "first_surname": checks.take("firstSurname", people.clean_name, form.first_surname),
        "second_surname": checks.take("secondSurname", people.clean_name, second) if second else "",
        "email": checks.take("email", people.clean_email, form.email),
        "mobile": checks.take("mobile", people.clean_mobile, form.mobile),
        "statement": checks.take("statement", clean_claim_statement, form.statement),
    }
    checks.refuse_any()
    return cleaned


async def _record(tools: Tools, cleaned: dict[str, Any]) -> None:
    reference = new_code(tools.random_bytes(CODE_BYTES))
    identity = {name: cleaned[name] for name in ("identity_kind", "identity_number")}
    async with tx() as connection:
        holder = await User.filter(**identity).select_for_update(no_key=True).first()
        earlier = await _earlier(tools, identity)
        state = ClaimState.IGNORED if ClaimState.WAITING in earlier else ClaimState.WAITING
        holder = holder if state is ClaimState.WAITING else None
        claim = await IdentityClaim.create(
            **cleaned,
            state=state,
            user_id=holder.id if holder else None,
            reference_hash=token_hash(reference),
            claimed_at=tools.clock(),
        )
        is_frozen = holder is not None and freezes(holder.role, was_kept=ClaimState.KEPT in earlier)
        await freeze(tools, holder.id if holder and is_frozen else uuid.uuid4())
        await notices.promise(tools, NoticeKind.CLAIM_RECEIVED, address=cleaned["email"], detail={SECRET: reference})
        told = NoticeKind.ACCOUNT_FROZEN if is_frozen else NoticeKind.ACCOUNT_CLAIMED
        await notices.promise(tools, told, user=holder)
        detail = {"claim": str(claim.id)} | ({"user": str(holder.id), "frozen": is_frozen} if holder else {})
        await register.append(connection, Record(Act.IDENTITY_CLAIMED, tools.clock(), Role.SYSTEM, detail=detail))


async def _earlier(tools: Tools, identity: dict[str, Any]) -> list[ClaimState]:
    """Return the states of claims of an identity that wait, or were decided for its holder lately."""
    lately = Q(state=ClaimState.KEPT, decided_at__gt=tools.clock() - NO_FREEZE_FOR)
    found = IdentityClaim.filter(Q(state=ClaimState.WAITING) | lately, **identity)
    return [row["state"] for row in await found.values("state")]


async def freeze(tools: Tools, user_id: UUID) -> None:
    """Let nobody in with an account, within a transaction that has locked it, until its claim is decided."""
    await User.filter(id=user_id, frozen_at__isnull=True).update(frozen_at=tools.clock())
    await accounts.end_sessions(tools, user_id)
