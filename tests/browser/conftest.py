"""One whole counter and one browser for all pages; each test has a window of its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.cookies import cookies_of
from tests.browser.looking import Eyes
from tests.browser.papers import write_large_pdf
from tests.journeys.stack import PATIENCE_SECONDS, Stack, stack_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from playwright.async_api import Browser

    from mesadepartes.development import TrialPerson

CHROMIUM = "/usr/bin/chromium"

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
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF as large as one may be."""
    path = tmp_path_factory.mktemp("large") / "expediente escaneado.pdf"
    write_large_pdf(path)
    return path


@pytest.fixture(scope="session")
def opens(browser: Browser, counter: Stack) -> Opens:
    """Open windows on the counter."""
    return opens_at(browser, f"http://127.0.0.1:{counter.http_port}")


def opens_at(browser: Browser, base: str) -> Opens:
    """Open windows on the counter at an address."""
    kept: dict[str, list[Any]] = {}

    @asynccontextmanager
    async def opened(person: TrialPerson | None = None, **context: Any) -> AsyncGenerator[Eyes]:
        window = await browser.new_context(locale="es-PE", **context)
        if person is not None:
            # Once for all: the code of a second factor is good once in half a minute.
            if person.dni not in kept:
                kept[person.dni] = await cookies_of(base, person)
            await window.add_cookies(kept[person.dni])
        page = await window.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield Eyes(page, base)
        await window.close()

    return opened
