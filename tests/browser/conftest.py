"""One whole counter and one browser for all pages; each test has a window of its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from mesadepartes.clock import now
from rules.second_factors import code_of, step_at
from tests.browser.looking import Eyes
from tests.journeys.stack import PATIENCE_SECONDS, Stack, proof, stack_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager

    from playwright.async_api import Browser

    from mesadepartes.development import TrialPerson

CHROMIUM = "/usr/bin/chromium"
SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { __typename ... on Refusal { message } } }"
PASS = """mutation($input: PassSecondFactorInput!) {
    passSecondFactor(input: $input) { __typename ... on Refusal { message } } }"""


# How long is waited for what is expected; less than a busy machine needs would only be chance.
expect.set_options(timeout=30_000)


class Opens(Protocol):
    """Opens a window: of a stranger, or of somebody who is signed in."""

    def __call__(self, person: TrialPerson | None = None, **context: Any) -> AbstractAsyncContextManager[Eyes]:
        """Open one; *context* as Playwright's `new_context` takes it."""
        ...


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def counter(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """A whole counter, as `make run` starts it."""
    async with stack_in(tmp_path_factory.mktemp("counter")) as stack:
        await stack.serve()
        yield stack


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        await found.close()


@pytest.fixture(scope="session")
def opens(browser: Browser, counter: Stack) -> Opens:
    """Open windows on the counter."""
    base = f"http://127.0.0.1:{counter.http_port}"
    kept: dict[str, list[Any]] = {}

    @asynccontextmanager
    async def opened(person: TrialPerson | None = None, **context: Any) -> AsyncGenerator[Eyes]:
        window = await browser.new_context(locale="es-PE", **context)
        if person is not None:
            # Once for all: the code of a second factor is good once in half a minute.
            if person.dni not in kept:
                kept[person.dni] = await _cookies(base, person)
            await window.add_cookies(kept[person.dni])
        page = await window.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield Eyes(page, base)
        await window.close()

    return opened


async def _cookies(base: str, person: TrialPerson) -> list[Any]:
    """Sign somebody in as the pages do, and return the cookies of the session."""
    headers = {"x-mesa-client": "tests", "origin": base}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=PATIENCE_SECONDS) as http:
        given = {"identityKind": "DNI", "identityNumber": person.dni, "password": person.password, "session": "COOKIE"}
        cookies = await _said(http, SIGN_IN, given | {"proof": await proof(http)}, {})
        if person.seed is not None:
            cookies |= await _said(http, PASS, {"code": code_of(person.seed, step_at(now()))}, cookies)
    return [
        {"name": name, "value": value, "url": base.replace("http:", "https:"), "secure": True}
        for name, value in cookies.items()
    ]


async def _said(
    http: httpx.AsyncClient, document: str, given: dict[str, Any], cookies: dict[str, str]
) -> dict[str, str]:
    """Do a mutation and return the cookies it sets; httpx itself would not send a secure one without TLS."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    body = {"query": document, "variables": {"input": given}}
    answer = await http.post("/graphql", json=body, headers={"cookie": cookie} if cookie else {})
    [payload] = answer.json()["data"].values()
    assert payload["__typename"].endswith("Success"), payload
    set_cookies = answer.headers.get_list("set-cookie")
    return dict(each.split(";")[0].split("=", 1) for each in set_cookies)
