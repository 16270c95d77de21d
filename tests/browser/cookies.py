"""The cookies of a session, begun as the pages begin one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from mesadepartes.clock import now
from rules.second_factors import code_of, step_at
from tests.journeys.stack import PATIENCE_SECONDS, proof

if TYPE_CHECKING:
    from mesadepartes.development import TrialPerson

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { __typename ... on Refusal { message } } }"
PASS = """mutation($input: PassSecondFactorInput!) {
    passSecondFactor(input: $input) { __typename ... on Refusal { message } } }"""


async def cookies_of(base: str, person: TrialPerson) -> list[Any]:
    """Sign somebody in as the pages do, and return the cookies of the session."""
    headers = {"x-mesa-client": "tests", "origin": base}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS) as http:
        given = {"identityKind": "DNI", "identityNumber": person.dni, "password": person.password, "session": "COOKIE"}
        cookies = await _said(http, SIGN_IN, given | {"proof": await proof(http)}, {})
        if person.seed is not None:
            cookies |= await _passed(http, person.seed, cookies)
    return [
        {"name": name, "value": value, "url": base.replace("http:", "https:"), "secure": True}
        for name, value in cookies.items()
    ]


async def _passed(http: httpx.AsyncClient, seed: str, cookies: dict[str, str]) -> dict[str, str]:
    """Show the code of a telephone; that of this half minute may be used up, then that of the next is good."""
    said = await _said(http, PASS, {"code": code_of(seed, step_at(now()))}, cookies, must=False)
    return said or await _said(http, PASS, {"code": code_of(seed, step_at(now()) + 1)}, cookies)


async def _said(
    http: httpx.AsyncClient, document: str, given: dict[str, Any], cookies: dict[str, str], *, must: bool = True
) -> dict[str, str]:
    """Do a mutation and return the cookies it sets; httpx itself would not send a secure one without TLS."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    body = {"query": document, "variables": {"input": given}}
    answer = await http.post("/graphql", json=body, headers={"cookie": cookie} if cookie else {})
    [payload] = answer.json()["data"].values()
    if not must and not payload["__typename"].endswith("Success"):
        return {}
    assert payload["__typename"].endswith("Success"), payload
    set_cookies = answer.headers.get_list("set-cookie")
    return dict(each.split(";")[0].split("=", 1) for each in set_cookies)
