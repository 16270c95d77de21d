"""Who claims an identity, who holds it, who decides, and short ways to do so."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from models.people import User
from models.receipts import Notice
from models.register import Entry
from models.requests import IdentityClaim
from rules.claims import ClaimState
from rules.notices import NoticeKind
from rules.people import Identity, IdentityKind
from tests.api import Api
from tests.people import JOSE
from tests.requests import CLAIMED, claim, secret_of

JOSE_ = Identity(IdentityKind.DNI, JOSE["identityNumber"])
REASON = "Comparó su DNI con la persona."
NODE = """id state identityKind identityNumber claimantName claimantEmail claimantMobile statement claimedAt decidedAt
    reason holder { identityKind identityNumber fullName birthDate isStaff isFrozen }"""


async def claim_it(api: Api, **changes: Any) -> str:
    """Claim José's identity; return the reference that was mailed."""
    assert await api.mutate("claimIdentity", "isReceived", **claim(**changes)) == CLAIMED
    return await secret_of(NoticeKind.CLAIM_RECEIVED)


async def decide(api: Api, decision: str, **changes: Any) -> dict[str, Any]:
    """Decide the latest claim."""
    found = await IdentityClaim.all().order_by("-claimed_at").first()
    given = {"id": str(found.id if found else uuid4()), "decision": decision, "reason": REASON, **changes}
    return await api.mutate("decideIdentityClaim", f"claim {{ {NODE} }}", **given)


async def freeze(api: Api, **changes: Any) -> dict[str, Any]:
    """Freeze the account that the claim that waits is about."""
    given = {"id": str((await IdentityClaim.get(state=ClaimState.WAITING)).id), **changes}
    return await api.mutate("freezeClaimedAccount", f"claim {{ {NODE} }}", **given)


async def record() -> list[object]:
    """Return all that a claim or a decision could change."""
    return [
        await IdentityClaim.all().order_by("id").values(),
        await User.all().order_by("id").values(),
        await Entry.all().count(),
        await Notice.all().count(),
    ]
