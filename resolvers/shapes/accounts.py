"""The rules of registration as forms show them."""

from __future__ import annotations

from typing import Any

from rules import codes, passwords, people
from rules.passwords import Standing
from schema.accounts import CheckPersonalDataSuccess, IdentityKindChoice, PasswordPolicy, RegistrationForm


def identity_kinds() -> list[IdentityKindChoice]:
    """Return the table of identity documents."""
    return [
        IdentityKindChoice(
            kind=kind,
            label=rule.label,
            is_for_nationals=rule.is_for_nationals,
            help_text=f"El número {rule.help}",
            pattern=f"^{rule.pattern.pattern}$",
            max_length=rule.max_length,
            has_check_character=rule.has_check_character,
        )
        for kind, rule in people.IDENTITY_KINDS.items()
    ]


def password_policy(standing: Standing) -> PasswordPolicy:
    """Return the rule for passwords of one standing."""
    return PasswordPolicy(
        min_length=passwords.MIN_LENGTHS[standing],
        max_length=people.PASSWORD_MAX_LENGTH,
        max_bytes=passwords.PASSWORD_MAX_BYTES,
        refuses_common=True,
        help_text=passwords.help_text(standing),
    )


def registration_form() -> RegistrationForm:
    """Return what the form shows to somebody who has no account yet."""
    return RegistrationForm(
        identity_kinds=identity_kinds(),
        password_policy=password_policy(Standing.ONE_FACTOR),
        contact_notice=people.CONTACT_NOTICE,
        code_digits=codes.CODE_DIGITS,
        code_minutes=int(codes.CODE_LIFE.total_seconds()) // 60,
    )


def personal_data(cleaned: dict[str, Any]) -> CheckPersonalDataSuccess:
    """Return personal data as they would be kept."""
    shown: dict[str, Any] = cleaned | {"second_surname": cleaned["second_surname"] or None}
    del shown["identity_kind"]
    return CheckPersonalDataSuccess(**shown)
