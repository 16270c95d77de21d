"""The condition for lists and the rule for one trámite are the same: compared over every role, office and ownership."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from actions import tramites
from models.tramites import Referral, Tramite
from reading.access import relation, visible_tramites
from rules.access import ACCOUNT_ROLES, Right, Role, may

if TYPE_CHECKING:
    from tests.counter import Counter


@pytest.mark.parametrize("role", sorted(ACCOUNT_ROLES))
@pytest.mark.parametrize("office", [None, "SEDE-CENTRAL", "CUSCO", "PUNO"])
async def test_lists_show_exactly_what_may_be_seen(counter: Counter, role: Role, office: str | None) -> None:
    maria = await counter.register()
    viewer = await counter.register(role=role, office=office)
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    referred = await counter.file(maria)
    await tramites.refer_tramite(counter.tools, clerk, referred.id, office_code="CUSCO", text=None)
    for owner, code in ((maria, "SEDE-CENTRAL"), (maria, "PUNO"), (viewer, "AREQUIPA"), (viewer, "CUSCO")):
        await counter.file(owner, office_code=code)

    shown = {tramite.id for tramite in await visible_tramites(viewer)}

    allowed = set[object]()
    for tramite in await Tramite.all():
        was = await Referral.exists(tramite_id=tramite.id, from_office_id__in=viewer.office_ids)
        if may(role, Right.SEE, relation(viewer, tramite, was_in_office=was)):
            allowed.add(tramite.id)
    assert shown == allowed
    assert len(allowed) >= 2
