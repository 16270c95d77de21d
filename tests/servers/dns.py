"""A small DNS server on UDP: answers TXT questions from a table, or keeps silent."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

LOCAL = "127.0.0.1"
TTL = 600


class DnsServer(asyncio.DatagramProtocol):
    """Its `texts` are the records under each name, each of one or more strings; of others it says that none exist."""

    def __init__(self, texts: Mapping[str, list[list[str]]]) -> None:
        self.texts = dict(texts)
        self.asked: list[str] = []
        self.is_silent = False
        self.code = dns.rcode.NOERROR
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where answers go out."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        asked = dns.message.from_wire(data)
        name = asked.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        if self.is_silent:
            return
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        answer.set_rcode(self.code if name in self.texts or self.code else dns.rcode.NXDOMAIN)
        if records := self.texts.get(name):
            texts = [" ".join(f'"{piece}"' for each in record for piece in _pieces(each)) for record in records]
            answer.answer.append(dns.rrset.from_text(f"{name}.", TTL, "IN", "TXT", *texts))
        assert self._transport is not None
        self._transport.sendto(answer.to_wire(), addr)


def _pieces(text: str) -> list[str]:
    """Return *text* in strings as long as one may be."""
    return [text[start : start + 255] for start in range(0, len(text), 255)]


@asynccontextmanager
async def dns_server(texts: Mapping[str, list[list[str]]]) -> AsyncGenerator[DnsServer]:
    """Run a server on a free port as long as the block lasts."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: DnsServer(texts), local_addr=(LOCAL, 0))
    try:
        yield server
    finally:
        transport.close()
