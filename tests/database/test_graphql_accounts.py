"""The API as front ends use it: accounts and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from models.people import Session, User
from models.receipts import Notice
from tests.api import Api
from tests.counter import PASSWORD

if TYPE_CHECKING:
    pass


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "identityKind": "DNI",
        "identityNumber": "45678901",
        "givenNames": "José",
        "firstSurname": "Ñahui",
        "secondSurname": "Pérez",
        "birthDate": "1990-02-28",
        "email": "jose@example.pe",
        "mobile": "987654321",
        "password": PASSWORD,
        **changes,
    }


async def test_register_sign_in_see_oneself_sign_out(api: Api) -> None:
    assert await api.mutate("register", "isReceived", **registration()) == {
        "__typename": "RegisterSuccess",
        "isReceived": True,
    }

    signed = await api.mutate(
        "signIn",
        "token expiresAt user { fullName role offices { code } }",
        identityKind="DNI",
        identityNumber="45678901",
        password=PASSWORD,
    )

    assert signed["user"] == {"fullName": "José Ñahui Pérez", "role": "APPLICANT", "offices": []}
    assert signed["expiresAt"] == "2026-03-10T03:00:00+00:00"
    jose = Api(api.http, signed["token"])
    assert await jose.data("{ me { identityKind identityNumber email mobile } }") == {
        "me": {
            "identityKind": "DNI",
            "identityNumber": "45678901",
            "email": "jose@example.pe",
            "mobile": "+51987654321",
        }
    }
    out = "mutation { signOut { __typename ... on Refusal { code path } } }"
    assert await jose.data(out) == {"signOut": {"__typename": "SignOutSuccess"}}
    assert not await jose.is_known()
    assert (await jose.data(out))["signOut"]["__typename"] == "NotSignedIn"


async def test_wrong_password_and_unknown_person_are_answered_alike(api: Api) -> None:
    await api.mutate("register", **registration())

    answers = [
        await api.mutate("signIn", identityKind="DNI", identityNumber=number, password=password)
        for number, password in (("45678901", "no es la clave de nadie"), ("11111111", PASSWORD), ("x", PASSWORD))
    ]

    assert answers[0]["__typename"] == "NotSignedIn"
    assert answers[0]["code"] == "WRONG_CREDENTIALS"
    assert answers == [answers[0]] * 3
    assert await Session.all().count() == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("identityNumber", "123", "INVALID_IDENTITY"),
        ("givenNames", "R2D2", "INVALID_NAME"),
        ("givenNames", "", "TEXT_MISSING"),
        ("firstSurname", "<b>", "INVALID_NAME"),
        ("secondSurname", "x" * 101, "TEXT_TOO_LONG"),
        ("birthDate", "2018-02-29", "INVALID_BIRTH_DATE"),
        ("birthDate", "2030-01-01", "INVALID_BIRTH_DATE"),
        ("email", "jose@localhost", "INVALID_EMAIL"),
        ("mobile", "12", "INVALID_MOBILE"),
        ("password", "corta", "WEAK_PASSWORD"),
    ],
)
async def test_a_wrong_field_of_a_registration_is_named(api: Api, field: str, value: str, code: str) -> None:
    answer = await api.mutate("register", **registration(**{field: value}))

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, ["input", field])
    assert answer["message"].endswith((".", "@ejemplo.pe"))
    assert await User.all().count() == 0
    assert await Notice.all().count() == 0


async def test_all_wrong_fields_are_named_at_once(api: Api) -> None:
    answer = await api.mutate("register", **registration(givenNames="", email="x", mobile="1"))

    assert [answer["path"], *(other["path"] for other in answer["others"])] == [
        ["input", "givenNames"],
        ["input", "email"],
        ["input", "mobile"],
    ]
