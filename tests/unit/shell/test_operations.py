"""What the settings say of operations is what they are held to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from actions.leases import SPARED
from mesadepartes.database import POOL_SIZE
from mesadepartes.operations import connecting_of, terms_of, trust_of
from mesadepartes.setting_values import Documents
from mesadepartes.settings import Settings
from mesadepartes.variables import Part
from tests.unit.shell.test_settings import WEB

if TYPE_CHECKING:
    from resolvers.engine.allowances import Allowances

ANY = 1_000
SETTINGS = Settings.from_environ(WEB, needed=frozenset({Part.WEB}))


def test_an_operation_has_its_seconds_and_each_statement_a_little_less() -> None:
    hasty = replace(SETTINGS, operation_seconds=3)

    assert terms_of(hasty).seconds == 3
    assert connecting_of(hasty)["statement_seconds"] == 2.7


def test_everybody_has_a_budget_unless_there_is_none() -> None:
    assert _waits(replace(SETTINGS, points_per_minute=70))
    assert not _waits(replace(SETTINGS, points_per_minute=0))
    assert terms_of(replace(SETTINGS, points_per_minute=0, operations_at_once=0)).purse is None


def test_one_account_leaves_others_a_connection_to_read_by_and_may_have_any_number_if_that_is_said() -> None:
    assert 1 <= _seats(SETTINGS) < POOL_SIZE - SPARED, "what is not spared for those who write"
    assert _seats(replace(SETTINGS, operations_at_once=0)) == ANY


def test_the_schema_is_shown_with_the_explorer_only() -> None:
    assert [terms_of(replace(SETTINGS, graphiql=graphiql)).shows_schema for graphiql in (False, True)] == [False, True]


def test_documents_are_trusted_alone_if_that_is_said() -> None:
    assert [trust_of(replace(SETTINGS, graphql_documents=which)).is_required for which in Documents] == [
        which is Documents.TRUSTED for which in Documents
    ]


def _allowances(settings: Settings) -> Allowances:
    purse = terms_of(settings).purse
    assert purse is not None
    return purse.allowances


def _waits(settings: Settings) -> bool:
    """Tell whether who has spent 70 points waits for one more."""
    allowance = _allowances(settings).of(uuid4())
    return [allowance.spend(70), allowance.spend(1)] == [0, 1]


def _seats(settings: Settings) -> int:
    """Return how many seats an account may take, ANY if it is told of no end."""
    allowance = _allowances(settings).of(uuid4())
    return next((taken for taken in range(ANY) if not allowance.take()), ANY)
