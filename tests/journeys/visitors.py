"""Somebody with a front end: asks the API over HTTP, and uploads files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.api import MAKING
from tests.journeys.stack import proof

if TYPE_CHECKING:
    import httpx


@dataclass
class Visitor:
    """Somebody who may or may not be signed in."""

    http: httpx.AsyncClient

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Ask; return the data."""
        answer = (await self.http.post("/graphql", json={"query": document, "variables": variables})).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def call(self, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        """Call a mutation; return what is selected of its success, or its refusal."""
        kind = f"{name[0].upper()}{name[1:]}"
        if name in MAKING:
            given.setdefault("clientKey", str(uuid4()))
        answer = await self.ask(
            f"""mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename
                ... on Refusal {{ code message path }} ... on {kind}Success {{ {selection} }} }} }}""",
            input=given,
        )
        called: dict[str, Any] = answer[name]
        return called

    async def do(self, name: str, selection: str, /, *, proves: bool = False, **given: Any) -> dict[str, Any]:
        """Call a mutation that must succeed; return what is selected of its success."""
        given |= {"proof": await proof(self.http)} if proves else {}
        success = await self.call(name, selection, **given)
        assert success["__typename"] == f"{name[0].upper()}{name[1:]}Success", success
        return success

    async def upload(self, name: str, data: bytes) -> str:
        """Announce a file, send its bytes, return its id."""
        opened = (await self.do("openUpload", "upload { id url }", name=name, sizeBytes=len(data)))["upload"]
        put = await self.http.put(opened["url"], content=data, headers={"x-mesa-client": "tests"})
        assert put.json()["complete"] is True, put.text
        upload_id: str = opened["id"]
        return upload_id
