"""Who decides about accounts: the whole table, and nobody about their own."""

from __future__ import annotations

from uuid import uuid4

import pytest

from rules.access import Role
from rules.desk import DeskRight, NotForYou, OwnRequest, check_decider, has_right

GRANTED = {
    (Role.CLERK, DeskRight.SEE_RECOVERIES),
    (Role.CLERK, DeskRight.DECIDE_RECOVERIES),
    (Role.SUPERVISOR, DeskRight.SEE_RECOVERIES),
    (Role.SUPERVISOR, DeskRight.DECIDE_RECOVERIES),
    (Role.SUPERVISOR, DeskRight.DECIDE_RECOVERIES_OF_STAFF),
    (Role.SUPERVISOR, DeskRight.SEE_CLAIMS),
    (Role.SUPERVISOR, DeskRight.DECIDE_CLAIMS),
    (Role.AUDITOR, DeskRight.SEE_RECOVERIES),
    (Role.AUDITOR, DeskRight.SEE_CLAIMS),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("right", list(DeskRight))
def test_rights_are_those_of_the_table(role: Role, right: DeskRight) -> None:
    assert has_right(role, right) is ((role, right) in GRANTED)


def test_who_has_no_right_decides_nothing() -> None:
    with pytest.raises(NotForYou):
        check_decider(Role.AUDITOR, DeskRight.DECIDE_CLAIMS, decider_id=uuid4(), account_id=uuid4())


def test_nobody_decides_about_their_own_account() -> None:
    viewer = uuid4()

    with pytest.raises(OwnRequest):
        check_decider(Role.SUPERVISOR, DeskRight.DECIDE_CLAIMS, decider_id=viewer, account_id=viewer)
