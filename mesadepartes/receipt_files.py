"""Files with which anybody checks a receipt without us: its proof, the published heads, the certificates."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from actions import gate
from reading import receipt_log
from reading.receipt_log import NoHeadsOfYear, NoSuchProof, ProofNotYet
from reading.verification import find_by_code
from resolvers.context import client_of
from rules.receipt_proofs import heads_to_bytes
from rules.throttling import Door
from rules.workdays import YEARS
from transfers.answers import refusing
from transfers.downloads import disposition

if TYPE_CHECKING:
    from starlette.requests import Request

    from actions.tools import Tools
    from reading.receipt_log import YearState

MOST_YEARS = 3
"""Of so many years the file is kept in memory: one of a whole year has some megabytes."""

FOR_A_DAY = "public, max-age=86400"
FOR_MINUTES = "public, max-age=300"
END = "-----END CERTIFICATE-----\n"


def receipt_file_routes(tools: Tools) -> list[Route]:
    """Return where they are fetched, by anybody."""
    files = _Files(tools)
    return [
        Route("/verificar/{code}/prueba.json", refusing(files.proof), methods=["GET"]),
        Route("/constancias/cabezas.json", refusing(files.latest_heads), methods=["GET"]),
        Route("/constancias/cabezas/{year:int}.json", refusing(files.heads), methods=["GET"]),
        Route("/constancias/certificado.pem", refusing(files.certificates), methods=["GET"]),
    ]


class _Files:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._made: dict[int, tuple[YearState, bytes]] = {}
        self._making = asyncio.Lock()

    async def proof(self, request: Request) -> Response:
        """Answer with the proof file of a receipt, which never changes once its day has a head."""
        await self._admit(request, Door.PUBLIC_STATUS)
        receipt = await find_by_code(request.path_params["code"])
        if receipt is None:
            raise NoSuchProof
        proof = await receipt_log.prove_receipt(receipt, has_growth=False)
        if proof is None:
            raise ProofNotYet
        name = f"prueba-{receipt.verification_code}.json"
        return _answer(request, proof.to_bytes(), name, cached=FOR_A_DAY, tag=receipt.verification_code)

    async def latest_heads(self, request: Request) -> Response:
        """Answer with the heads of the last year that has any."""
        await self._admit(request, Door.RECEIPT_LOG)
        latest = await receipt_log.latest_head()
        if latest is None:
            raise NoHeadsOfYear
        return await self._heads(request, latest.day.year)

    async def heads(self, request: Request) -> Response:
        """Answer with the heads of a year."""
        await self._admit(request, Door.RECEIPT_LOG)
        return await self._heads(request, request.path_params["year"])

    async def certificates(self, request: Request) -> Response:
        """Answer with the chain of the seal and those of earlier ones that heads were signed with, as PEM."""
        await self._admit(request, Door.RECEIPT_LOG)
        own = self._tools.own_seal
        chains = await receipt_log.certificates_of_heads()
        pems = [*map(ssl.DER_cert_to_PEM_cert, own.certificates if own else ()), *_each_of(chains)]
        content = "".join(dict.fromkeys(pems)).encode("ascii")
        return _answer(request, content, "certificado.pem", cached=FOR_MINUTES, media_type="application/x-pem-file")

    async def _heads(self, request: Request, year: int) -> Response:
        state = await receipt_log.state_of_year(year) if year in YEARS else None
        if state is None or not state.heads:
            raise NoHeadsOfYear
        tag = f"{year}-{state.heads}-{state.stamped}"
        return _answer(request, await self._file_of(year, state), f"cabezas-{year}.json", cached=FOR_MINUTES, tag=tag)

    async def _file_of(self, year: int, state: YearState) -> bytes:
        async with self._making:
            known = self._made.pop(year, None)
            if known is None or known[0] != state:
                known = (state, heads_to_bytes(await receipt_log.heads_of_year(year)))
            self._made[year] = known
            if len(self._made) > MOST_YEARS:
                del self._made[next(iter(self._made))]
            return known[1]

    async def _admit(self, request: Request, door: Door) -> None:
        await gate.admit(self._tools, door, client_of(request, self._tools))


def _each_of(chains: list[str]) -> list[str]:
    return [f"{pem}{END}" for chain in chains for pem in chain.split(END) if pem]


def _answer(
    request: Request, content: bytes, name: str, *, cached: str, tag: str = "", media_type: str = "application/json"
) -> Response:
    headers = {"cache-control": cached, "content-disposition": disposition(name)}
    if tag:
        headers["etag"] = f'"{tag}"'
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)
