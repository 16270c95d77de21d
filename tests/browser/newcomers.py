"""Citizens who registered a moment ago, so that a test may do to their account what others must not find done."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx

from mesadepartes.development import TrialPerson
from tests.journeys.stack import PATIENCE_SECONDS, proof

if TYPE_CHECKING:
    from email.message import EmailMessage

    from playwright.async_api import Page

    from tests.journeys.stack import Stack

BORN = "1985-03-31"
PASSWORD = "una frase que nadie adivina"
DO = """mutation($input: %sInput!) { %s(input: $input) { __typename ... on Refusal { code message } } }"""
_numbers = count(70100001)


def newcomer(given_names: str = "Elena") -> TrialPerson:
    """Return somebody who has no account yet."""
    dni = str(next(_numbers))
    return TrialPerson(dni, given_names, "Salas", "Chávez", f"nueva.{dni}@ciudadana.example", "987654321", PASSWORD)


async def registered(counter: Stack, given_names: str = "Elena", *, is_proved: bool = True) -> TrialPerson:
    """Return somebody with an account, whose address is proved, or waits for its code."""
    person = newcomer(given_names)
    identity = {"identityKind": "DNI", "identityNumber": person.dni}
    surnames = {"firstSurname": person.first_surname, "secondSurname": person.second_surname}
    names = {"givenNames": person.given_names, **surnames, "birthDate": BORN}
    contact = {"email": person.email, "mobile": person.mobile, "password": person.password}
    headers = {"x-mesa-client": "tests"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{counter.http_port}", headers=headers, timeout=PATIENCE_SECONDS
    ) as http:
        await _do(http, "register", {**identity, **names, **contact, "proof": await proof(http)})
        code = await code_for(counter, person.email, "Confirme su correo")
        if is_proved:
            await _do(http, "verifyEmail", identity | {"code": code})
    return person


async def _do(http: httpx.AsyncClient, name: str, given: dict[str, Any]) -> None:
    document = DO % (name[0].upper() + name[1:], name)
    answer = (await http.post("/graphql", json={"query": document, "variables": {"input": given}})).json()
    assert answer["data"][name]["__typename"].endswith("Success"), answer


async def code_for(counter: Stack, address: str, subject: str) -> str:
    """Return the code in the mail with such a subject to an address: it stands on a line of its own."""

    def likes(mail: EmailMessage) -> bool:
        return address in str(mail["To"]) and str(mail["Subject"]).startswith(subject)

    body = (await counter.wait_for_mail(likes)).get_body(("plain",))
    assert body is not None
    codes = re.findall(r"^ {4}([\w-]+)\s*$", body.get_content(), re.MULTILINE)
    return codes[-1]


async def pass_check(page: Page) -> None:
    """Have the browser prove that it works."""
    await page.get_by_label("No soy un programa automático").click()
    await page.get_by_text("Comprobado", exact=True).wait_for()


async def fill_person(page: Page, person: TrialPerson, *, day: str = "31", month: str = "3") -> None:
    """Type somebody's personal data."""
    await page.get_by_label("Número de documento de identidad").fill(person.dni)
    await page.get_by_label("Nombres").fill(person.given_names)
    await page.get_by_label("Apellido paterno").fill(person.first_surname)
    await page.get_by_label("Apellido materno").fill(person.second_surname)
    if day:
        await page.get_by_label("Día").fill(day)
        await page.get_by_label("Mes").select_option(month)
        await page.get_by_label("Año", exact=True).fill(BORN[:4])
