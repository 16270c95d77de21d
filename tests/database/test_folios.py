"""Folios, as the desk counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.receipts import Receipt
from rules.notices import NoticeKind
from tests.database.desk import THERE, mails

if TYPE_CHECKING:
    from tests.database.desk import Desk


async def test_the_desk_corrects_the_folios_and_says_why(desk: Desk) -> None:
    counted = await desk.do(desk.clerk, "correctFolios", folios=5, reason="Son cinco hojas.")

    assert (counted["folios"], counted["status"]) == (5, "PENDING")
    assert counted["history"][-1] == {"act": "FOLIOS_CORRECTED", "text": "Son cinco hojas.", "actorRole": "CLERK"}
    [told] = await mails(NoticeKind.FOLIOS_CORRECTED)
    assert (told["folios"], told["reason"]) == ({"before": 3, "after": 5}, "Son cinco hojas.")
    await desk.do(desk.clerk, "referTramite", officeCode=THERE)
    receipts = {receipt.kind.value: receipt.facts for receipt in await Receipt.all()}
    assert [(facts["folios"], facts["folios_count"]) for facts in receipts.values()] == [(3, "DECLARED"), (5, "CLERK")]


async def test_folios_that_the_applicant_changes_afterwards_are_declared_again(desk: Desk) -> None:
    await desk.do(desk.clerk, "correctFolios", folios=5, reason="Son cinco hojas.")
    await desk.do(desk.maria, "updateTramite", folios=6)

    await desk.do(desk.clerk, "referTramite", officeCode=THERE)

    facts = (await Receipt.get(kind="RECEPTION")).facts
    assert (facts["folios"], facts["folios_count"]) == (6, "DECLARED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"folios": 3, "reason": "Iguales."}, "SAME_FOLIOS"),
        ({"folios": 0, "reason": "Ninguno."}, "INVALID_FOLIOS"),
        ({"folios": 4, "reason": " "}, "TEXT_MISSING"),
        ({"folios": 4, "reason": "x" * 501}, "TEXT_TOO_LONG"),
    ],
)
async def test_folios_that_correct_nothing_are_refused(desk: Desk, given: dict[str, Any], code: str) -> None:
    assert (await desk.refused(desk.clerk, "correctFolios", **given))["code"] == code
