"""What is kept of people is declared, column by column, and no period goes below what the law requires."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest
from tortoise.models import Model

from actions.erasures import ERASURES
from models import MODULES
from reading.kept_facts import NAMES
from reading.kept_sources import SOURCES
from reading.overdue import OVERDUE
from rules.kept_kinds import KEPT, RetentionKind
from rules.kept_tables import IMPERSONAL_TABLES, KEPT_TABLES
from rules.retention import PeriodNotAllowed, PeriodsOutOfOrder, Retention, check_period

MODELS = [
    model
    for module in MODULES
    for _, model in inspect.getmembers(importlib.import_module(module), inspect.isclass)
    if issubclass(model, Model) and model is not Model and model.__module__ == module
]


TEXTUAL = ("CharField", "TextField", "JSONField", "BinaryField")
CONTENTS = {"content_id", "original_id"}
"""Keys of contents, which are digests and refer to no account."""


def told_columns(model: type[Model]) -> set[str]:
    """Return the columns that could tell of somebody: text, bytes, JSON, and what refers to an account."""
    told = model.describe(serializable=True)
    columns = [told["pk_field"], *told["data_fields"]]
    text = {each["db_column"] for each in columns if each["field_type"].rpartition(".")[2] in TEXTUAL}
    return (text - CONTENTS) | keys_of_accounts(model)


def keys_of_accounts(model: type[Model]) -> set[str]:
    meta = model._meta  # pyright: ignore[reportPrivateUsage] - where Tortoise keeps what it knows of a model
    keys = {
        f"{name}_id": str(getattr(meta.fields_map[name], "model_name", "")) for name in meta.fk_fields | meta.o2o_fields
    }
    return {name for name, to in keys.items() if to == "mesa.User"}


def table_of(model: type[Model]) -> str:
    return model.describe(serializable=True)["table"]


@pytest.mark.parametrize("model", MODELS, ids=table_of)
def test_each_table_says_what_it_keeps_of_people(model: type[Model]) -> None:
    table = table_of(model)
    if table in IMPERSONAL_TABLES:
        assert not keys_of_accounts(model)
        return
    declared = KEPT_TABLES[table]

    assert told_columns(model) == (declared.personal | declared.plain) - CONTENTS
    assert not declared.personal & declared.plain


def test_a_table_is_declared_once() -> None:
    tables = {table_of(model) for model in MODELS}

    assert not KEPT_TABLES.keys() & IMPERSONAL_TABLES
    assert KEPT_TABLES.keys() | IMPERSONAL_TABLES == tables


def test_each_kind_is_declared_told_and_has_a_table() -> None:
    assert list(KEPT) == list(RetentionKind) == list(SOURCES)
    assert {kind for table in KEPT_TABLES.values() for kind in table.kinds} == set(RetentionKind)


UNTOLD = {"notes": "internal", "entry_texts": "what was written stands in the trámite"}
"""Tables with something of people of which nobody is told: why."""


@pytest.mark.parametrize("table", sorted(name for name, kept in KEPT_TABLES.items() if kept.personal))
def test_people_are_told_of_each_table_that_holds_something_of_them(table: str) -> None:
    told = " ".join(SOURCES[kind] for kind in KEPT_TABLES[table].kinds)

    assert (re.search(rf"\b{table}\b", told) is None) is (table in UNTOLD)


def test_what_may_be_changed_is_what_is_erased_by_it() -> None:
    changeable = {kind for kind, rule in KEPT.items() if rule.is_changeable}

    assert OVERDUE.keys() == ERASURES.keys() == changeable


def test_every_default_is_allowed() -> None:
    for kind in OVERDUE:
        check_period(kind, KEPT[kind].days)


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (RetentionKind.RESOLVED_FILES, 5 * 365 - 1),
        (RetentionKind.UNDONE_FILES, 0),
        (RetentionKind.NOTICES, None),
        (RetentionKind.NOTICES, 36_501),
        (RetentionKind.REGISTER, 1),
        (RetentionKind.SESSIONS, 1),
        (RetentionKind.CLAIMS, -1),
    ],
)
def test_a_period_below_what_is_required_is_refused(kind: RetentionKind, days: int | None) -> None:
    with pytest.raises(PeriodNotAllowed):
        Retention().changed(kind, days)


def test_data_of_tramites_do_not_go_before_their_files() -> None:
    later = Retention(days={RetentionKind.RESOLVED_FILES.value: None})

    with pytest.raises(PeriodsOutOfOrder):
        later.changed(RetentionKind.RESOLVED_TRAMITES, 36_500)
    assert Retention().changed(RetentionKind.RESOLVED_TRAMITES, 3650) == {"RESOLVED_TRAMITES": 3650}


def test_periods_are_said_in_plain_spanish() -> None:
    said = [KEPT[kind].say_period(days) for kind, days in ((RetentionKind.NOTICES, 730), (RetentionKind.CODES, 1))]

    assert said[0].startswith("2 años después")
    assert said[1].startswith("un día después")
    assert KEPT[RetentionKind.RESOLVED_TRAMITES].say_period(None).startswith("siempre")


def test_names_of_rows_differ() -> None:
    assert len(set(NAMES.values())) == len(NAMES)
