"""How the counter says no."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import rules
from rules.people import InvalidEmail, clean_email
from rules.refusals import Checks, InvalidInput, Refusal
from rules.words import TextMissing, clean_subject


def refusals_of(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals_of(below)


def every_refusal() -> list[type[Refusal]]:
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"rules.{module.name}")
    return [kind for kind in refusals_of(Refusal) if kind.__module__.startswith("rules.")]


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in every_refusal()]

    assert len(set(codes)) == len(codes)
    assert all(code == code.upper() and code.isidentifier() for code in codes)


def test_a_refusal_moves_under_a_field() -> None:
    moved = InvalidEmail("No es un correo.", path=("email",)).at("contact").at("input")

    assert (moved.path, moved.message, moved.code) == (
        ("input", "contact", "email"),
        "No es un correo.",
        "INVALID_EMAIL",
    )


def test_a_refusal_that_makes_its_own_sentence_moves_too() -> None:
    assert TextMissing().at("input", "subject").path == ("input", "subject")


def test_checks_refuse_once_with_all_that_is_wrong() -> None:
    checks = Checks()
    checks.take("subject", clean_subject, "")
    checks.take("email", clean_email, "ana")

    with pytest.raises(TextMissing) as refused:
        checks.refuse_any()

    moved = refused.value.at("input")
    assert moved.path == ("input", "subject")
    assert [(type(other), other.path) for other in moved.others] == [(InvalidEmail, ("input", "email"))]


def test_checks_give_what_is_right_and_refuse_nothing() -> None:
    checks = Checks()

    assert checks.take("subject", clean_subject, " Visita ") == "Visita"
    checks.refuse_any()


def test_refusals_are_one_family_deep_for_the_api() -> None:
    families = set(Refusal.__subclasses__())

    assert InvalidInput in families
    assert all(any(issubclass(kind, family) for family in families) for kind in every_refusal())
