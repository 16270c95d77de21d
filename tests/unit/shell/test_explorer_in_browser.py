"""GraphiQL in a real browser, its files given to it without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from playwright.async_api import async_playwright
from starlette.applications import Starlette
from starlette.routing import Route as Address

from mesadepartes.graphiql import graphiql_page, graphiql_routes

if TYPE_CHECKING:
    from playwright.async_api import Route, ViewportSize

CHROMIUM = "/usr/bin/chromium"
TELEPHONE: ViewportSize = {"width": 360, "height": 720}


async def test_on_a_telephone_the_answer_has_as_much_room_as_the_question() -> None:
    site = Starlette(routes=[*graphiql_routes(), Address("/graphql", graphiql_page())])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://mesa.test") as http,
        async_playwright() as playwright,
    ):

        async def give(route: Route) -> None:
            found = await http.get(urlsplit(route.request.url).path)
            await route.fulfill(status=found.status_code, headers=dict(found.headers), body=found.content)

        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport=TELEPHONE)
        await page.route("**/*", give)
        await page.goto("http://mesa.test/graphql")
        boxes = [await page.locator(f".graphiql-{part}").bounding_box() for part in ("editors", "response")]
        await browser.close()

    [question, answer] = [(box["width"], box["height"]) for box in boxes if box]
    assert answer == question
    assert answer[0] > TELEPHONE["width"] / 2
