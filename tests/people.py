"""Registrations as front ends send them, and the codes that people find in their mail."""

from __future__ import annotations

from typing import Any

from models.people import User
from models.receipts import Notice
from rules.notices import SECRET, NoticeKind, NoticeState
from tests.counter import PASSWORD

JOSE = {"identityKind": "DNI", "identityNumber": "45678901"}
NOBODY = {"identityKind": "DNI", "identityNumber": "11111111"}
NEW_PASSWORD = "otra frase larga y propia"
WRONG = {
    "__typename": "InvalidInput",
    "code": "WRONG_CODE",
    "message": "El código no es correcto o ya no sirve. Revise el último correo que recibió o pida un código nuevo.",
    "path": ["input", "code"],
    "others": [],
}


def personal_data(**changes: Any) -> dict[str, Any]:
    """Return the input of the first step of a registration that is in order."""
    return {
        **JOSE,
        "givenNames": "José",
        "firstSurname": "Ñahui",
        "secondSurname": "Pérez",
        "birthDate": "1990-02-28",
        **changes,
    }


def registration(**changes: Any) -> dict[str, Any]:
    """Return the input of a registration that is in order."""
    return personal_data(email="jose@example.pe", mobile="987654321", password=PASSWORD) | changes


async def mailed_code(kind: NoticeKind, *, address: str | None = None) -> str:
    """Return the code in the last mail of *kind* that waits to be sent."""
    waiting = Notice.filter(kind=kind, state=NoticeState.PENDING).order_by("-created_at")
    notice = await (waiting.filter(address=address) if address else waiting).first()
    assert notice is not None
    return notice.detail[SECRET]


async def mails() -> list[tuple[str, str | None]]:
    """Return the kind and address of every mail that waits to be sent, in their order."""
    waiting = await Notice.filter(state=NoticeState.PENDING).order_by("created_at", "kind")
    return [(notice.kind.value, notice.address) for notice in waiting]


def other_than(code: str) -> str:
    """Return a code that is wrong by one digit."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


async def columns_of_user(**which: Any) -> dict[str, Any]:
    """Return all that is kept of one account."""
    return (await User.filter(**which).values())[0]
