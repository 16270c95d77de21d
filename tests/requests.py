"""Recoveries by personal data and claims of an identity as front ends send them, and what people find in their mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from actions import notices
from models.receipts import Notice
from rules.notices import SECRET, NoticeKind, NoticeState
from tests.people import JOSE, NEW_PASSWORD, mailed_code, personal_data, registration

if TYPE_CHECKING:
    from tests.api import Api
    from tests.counter import Counter

ANSWER = "isReceived reference"
CLAIMED = {"__typename": "ClaimIdentitySuccess", "isReceived": True}


def by_data(**changes: Any) -> dict[str, Any]:
    """Return the input of a recovery whose data match those of José."""
    return personal_data(newPassword=NEW_PASSWORD) | changes


def claim(**changes: Any) -> dict[str, Any]:
    """Return the input of a claim of José's identity that is in order."""
    return {
        **JOSE,
        "givenNames": "José",
        "firstSurname": "Ñahui",
        "secondSurname": "Pérez",
        "email": "jose.verdadero@example.pe",
        "mobile": "912345678",
        "statement": "Nunca me registré y ya existe una cuenta con mi DNI.",
        **changes,
    }


async def with_jose(counter: Counter, api: Api) -> None:
    """Give José an account in use, and let all mails so far have been sent."""
    await api.mutate("register", **registration())
    await api.mutate("verifyEmail", **JOSE, code=await mailed_code(NoticeKind.VERIFY_EMAIL))
    await deliver(counter)


async def ask(api: Api, **changes: Any) -> str:
    """Ask for a recovery; return the reference."""
    answer = await api.mutate("requestRecoveryByData", ANSWER, **by_data(**changes))
    assert answer["__typename"] == "RequestRecoveryByDataSuccess", answer
    assert answer["isReceived"] is True
    return answer["reference"]


async def deliver(counter: Counter) -> None:
    """Let all mails that wait be taken over by the outgoing server."""
    holder = uuid4()
    for notice in await notices.claim_notices(counter.tools, holder, most=100):
        assert await notices.record_sent(counter.tools, notice, holder=holder)


async def secret_of(kind: NoticeKind) -> str:
    """Return the code in the last mail of *kind* that waits to be sent."""
    notice = await Notice.filter(kind=kind, state=NoticeState.PENDING).order_by("-created_at").first()
    assert notice is not None
    return notice.detail[SECRET]


async def can_sign_in(api: Api, password: str) -> bool:
    """Try to sign in as José."""
    return (await api.mutate("signIn", **JOSE, password=password))["__typename"] == "SignInSuccess"
