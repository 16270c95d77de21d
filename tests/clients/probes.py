"""Requests that nobody sends by accident, byte by byte: each must be refused, at once, by whoever reads it."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_CPU_MS = 30.0
TRIES = 3

HEAD = b"POST /graphql HTTP/1.1\r\nHost: mesa.test\r\n"
TYPE = b"Content-Type: application/json\r\n"
PLAIN = b'{"query":"{ __typename }"}'
CHUNK = b"1a\r\n" + PLAIN + b"\r\n0\r\n\r\n"
NAMED = '{"query":"query($n:String!){ __type(name:$n) { name } }","variables":{"n":%s}}'
FORM = b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n%s\r\n--x--\r\n'


def post(body: bytes, content_type: str = "application/json", extra: bytes = b"") -> bytes:
    """Return a request with a body."""
    head = f"Content-Type: {content_type}\r\n" if content_type else ""
    return HEAD + head.encode() + extra + b"Content-Length: %d\r\n\r\n" % len(body) + body


def asked(query: str) -> bytes:
    """Return a request with a document."""
    return post(json.dumps({"query": query}).encode())


FRAMING = {
    "both length and chunks": HEAD + TYPE + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNK,
    "two lengths": HEAD + TYPE + b"Content-Length: 26\r\nContent-Length: 5\r\n\r\n" + PLAIN,
    "one length twice": HEAD + TYPE + b"Content-Length: 26\r\nContent-Length: 26\r\n\r\n" + PLAIN,
    "unknown coding": HEAD + TYPE + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNK,
    "space before colon": HEAD + TYPE + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNK,
    "folded header": HEAD + TYPE + b"X-A: b\r\n c\r\nContent-Length: 26\r\n\r\n" + PLAIN,
    "bare line feeds": (HEAD + TYPE + b"Content-Length: 26\r\n\r\n").replace(b"\r\n", b"\n") + PLAIN,
    "NUL in a header": HEAD + TYPE + b"X-A: b\x00c\r\nContent-Length: 26\r\n\r\n" + PLAIN,
    "bare return in a header": HEAD + TYPE + b"X-A: b\rX-B: c\r\nContent-Length: 26\r\n\r\n" + PLAIN,
    "no host": b"POST /graphql HTTP/1.1\r\n" + TYPE + b"Content-Length: 26\r\n\r\n" + PLAIN,
    "two hosts": HEAD + b"Host: evil.test\r\n" + TYPE + b"Content-Length: 26\r\n\r\n" + PLAIN,
    "negative length": HEAD + TYPE + b"Content-Length: -1\r\n\r\n",
    "length with a sign": HEAD + TYPE + b"Content-Length: +26\r\n\r\n" + PLAIN,
    "length beyond all": HEAD + TYPE + b"Content-Length: 99999999999999999999\r\n\r\n",
    "chunk beyond all": HEAD + TYPE + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    "long chunk extension": HEAD + TYPE + b"Transfer-Encoding: chunked\r\n\r\n1a;" + b"a" * 1_000_000 + CHUNK[2:],
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "long address": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: mesa.test\r\n\r\n",
    "long header": HEAD + b"X-A: " + b"a" * 20_000_000 + b"\r\n\r\n",
    "many headers": HEAD + b"".join(b"X-%d: a\r\n" % each for each in range(10_000)) + b"\r\n",
    "TRACE": b"TRACE /graphql HTTP/1.1\r\nHost: mesa.test\r\n\r\n",
    "CONNECT": b"CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test\r\n\r\n",
    "unknown method": b"FOO /graphql HTTP/1.1\r\nHost: mesa.test\r\n\r\n",
}
"""What two programs on the way could understand differently, or what none needs."""

BODIES = {
    "nothing": post(b""),
    "nested JSON": post(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "brackets only": post(b"[" * 60_000),
    "half a character": post((NAMED % r'"\ud800"').encode()),
    "NUL in a variable": post((NAMED % r'"a\u0000b"').encode()),
    "NUL in a document": asked('{ __type(name: "a\\u0000b") { name } }'),
    "not a number": post((NAMED % "NaN").encode()),
    "a very long number": post((NAMED % ("9" * 5_000)).encode()),
    "one name twice": post(b'{"query":"{ a }",' + PLAIN[1:]),
    "UTF-16": post(PLAIN.decode().encode("utf-16")),
    "byte order mark": post(b"\xef\xbb\xbf" + PLAIN),
    "Latin-1": post((NAMED % '"é"').encode("latin-1")),
    "compressed": post(gzip.compress(PLAIN), extra=b"Content-Encoding: gzip\r\n"),
    "a batch": post(b"[" + b",".join([PLAIN] * 50) + b"]"),
    "document as number": post(b'{"query":5}'),
    "no document": post(b"{}"),
    "5 MB announced": HEAD + TYPE + b"Content-Length: 5000000\r\n\r\n",
    "100 KB": post(b'{"query":"' + b" " * 100_000 + b'"}'),
    "100 KB in chunks": HEAD + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n%s\r\n" % (b" " * 4096) * 25,
    "nested document": post(b'{"query":"' + b"{a" * 20_000 + b'"}'),
    "a mutation by GET": b"GET /graphql?query=mutation{__typename} HTTP/1.1\r\nHost: mesa.test\r\n\r\n",
    "half UTF-8 by GET": b"GET /graphql?query=%7B__typename%7D%FF HTTP/1.1\r\nHost: mesa.test\r\n\r\n",
    "a hundred guesses": asked(
        "mutation{"
        + " ".join(
            f'a{each}: signIn(input:{{identityKind:DNI,identityNumber:"12345678",password:"p{each}"}})'
            "{__typename ...on SignInSuccess{token}}"
            for each in range(100)
        )
        + "}"
    ),
}
"""What may be a request to a lax reader."""

SIMPLE = {
    "text": post(PLAIN, "text/plain"),
    "text that speaks of JSON": post(PLAIN, "text/plain; a=application/json"),
    "a form": post(b"query=%7B__typename%7D", "application/x-www-form-urlencoded"),
    "a form with parts": post(FORM % PLAIN, "multipart/form-data; boundary=x"),
    "no type": post(PLAIN, ""),
    "another JSON": post(PLAIN, "application/jsonp"),
    "UTF-7": post(PLAIN, "application/json; charset=utf-7"),
    "parts without end": post(
        b"--x\r\n" + b"a" * 60_000,
        "multipart/form-data; boundary=x",
        b"X-Mesa-Client: a\r\nAuthorization: Bearer a\r\n",
    ),
}
"""What a page of another site can make a browser send unasked (CSRF), and what resembles it."""

PROBES = FRAMING | BODIES | SIMPLE

WRONG_WITH_OTHERS = {
    "both length and chunks",
    "one length twice",
    "folded header",
    "bare line feeds",
    "length beyond all",
    "chunk beyond all",
    "long chunk extension",
    "long header",
    "nested JSON",
    "brackets only",
    "half a character",
    "NUL in a variable",
    "NUL in a document",
    "not a number",
    "a very long number",
    "one name twice",
    "UTF-16",
    "byte order mark",
    "Latin-1",
    "compressed",
    "5 MB announced",
    "100 KB",
    "100 KB in chunks",
    "nested document",
    "half UTF-8 by GET",
    "a hundred guesses",
    "a form with parts",
    "another JSON",
    "UTF-7",
    "parts without end",
}
"""What Strawberry's own view on uvicorn's lax parser gets wrong: there the probes must be seen to find it."""


@dataclass(frozen=True)
class Target:
    """A server that is probed."""

    port: int
    pid: int
    patience_seconds: float = 20.0
    """After so long without an answer it hangs."""

    def cpu_ms(self) -> float:
        """Return how long its threads have run."""
        threads = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e6

    async def wrong_with(self, request: bytes) -> str | None:
        """Send a request; return what is wrong with how it is met, None if nothing is."""
        cost = MOST_CPU_MS + 1
        for _ in range(TRIES):
            before = self.cpu_ms()
            answer = await self._ask(request)
            cost = self.cpu_ms() - before
            if wrong := _wrong_in(answer):
                return wrong
            if cost <= MOST_CPU_MS:
                return None
        return f"{cost:.0f} ms"

    async def _ask(self, request: bytes) -> bytes:
        """Return what is answered until the connection ends, or nothing more comes of a whole answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answer = b""
        until = time.monotonic() + self.patience_seconds
        with suppress(ConnectionError, TimeoutError):
            writer.write(request)
            while not _is_whole(answer) and time.monotonic() < until:
                async with asyncio.timeout(self.patience_seconds):
                    piece = await reader.read(65_536)
                if not piece:
                    answer += END
                    break
                answer += piece
        writer.transport.abort()
        return answer


END = b"\r\n(closed)"


def _is_whole(answer: bytes) -> bool:
    head, _, body = answer.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.split(b":")[1])
    return False


def _wrong_in(answer: bytes) -> str | None:
    """A 4xx, an answer with errors and no data, or a closed connection is right; all else is not."""
    if answer in (END, b""):
        return None if answer else "hangs"
    head, _, body = answer.removesuffix(END).partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1].decode()
    if answer.count(b"HTTP/1.1 ") > 1:
        return "two answers"
    if status == "200" and b'"errors"' in body and b'"data"' not in body:
        return None
    return None if status.startswith("4") else f"{status} {body[:60].decode(errors='replace')}"
