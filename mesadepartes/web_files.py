"""The pages' files: read once, named by what they contain, packed when first asked for; and the addresses of pages."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import as_file, files
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import brotli
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from importlib.resources.abc import Traversable

    from starlette.requests import Request

FOLDER: Traversable = files("web")
SERVED = ("app", "css", "texts", "vendor")
FOUND = FOLDER / "texts" / "found.es-PE.json"
SITE = "Mesa de Partes Digital"
TRUSTED = FOLDER / "operations" / "trusted.json"
ENTRY, ASKING, STYLES, PAGE, ICON = "app/main.js", "app/api.js", "css/pages.css", "index.html", "icon.svg"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
IMPORT = re.compile(r'^(?:import|export)\b(?:[^;]*?from)?\s*["\'](\.[^"\']+)["\']|\bfrom"(\./[^"]+)"', re.MULTILINE)
WEIGHT = re.compile(r"(?:q=(?:1(?:\.0*)?|0\.\d*[1-9]\d*))?")
"""One above 0; none is one of 1."""
LOOPBACKS = frozenset({"localhost", "127.0.0.1", "[::1]"})
FOR_GOOD = "public, max-age=31536000, immutable"


def policy_of(public_url: str) -> str:
    """
    Return the pages' policy: no code but our own files, and nothing that makes code of text.

    Pictures and sounds of the API are `data:`. The socket is named for browsers of before 2022, to which it is no part
    of `'self'`.
    """
    socket = urlsplit(public_url)._replace(path="").geturl().replace("http", "ws", 1)
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"media-src data:; connect-src 'self' {socket}; manifest-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def descriptions() -> dict[str, dict[str, str]]:
    """Return title and description of each page that search engines may list, by its address."""
    return json.loads(FOUND.read_text(encoding="utf-8"))


def trusted_documents() -> dict[str, str]:
    """Return the documents that the pages send, by the SHA-256 of their text."""
    return json.loads(TRUSTED.read_text(encoding="utf-8"))


@dataclass
class Served:
    """One file, and what it is packed as; each packing is made once."""

    content: bytes
    media_type: str
    packed: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @cached_property
    def tag(self) -> str:
        """Its ETag."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:24]}"'

    async def as_asked(self, request: Request, headers: Mapping[str, str], status_code: int = 200) -> Response:
        """Answer with the file, packed as the browser likes it best."""
        coding = _coding(request) if self.media_type != MEDIA_TYPES[".woff2"] else None
        if coding and coding not in self.packed:
            self.packed[coding] = await asyncio.to_thread(PACKERS[coding], self.content)
        body = self.packed[coding] if coding else self.content
        told = {"vary": "Accept-Encoding", **headers} | ({"content-encoding": coding} if coding else {})
        return Response(body, status_code, media_type=self.media_type, headers=told)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: bytes(brotli.compress(content, quality=11)),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}


def _coding(request: Request) -> str | None:
    """Return the first of our codings that is accepted, by its name or by `*`, with a weight (RFC 9110, 12.5.3)."""
    asked = dict[str, bool]()
    for each in ",".join(request.headers.getlist("accept-encoding")).lower().split(","):
        name, _, weight = each.partition(";")
        asked[name.strip()] = WEIGHT.fullmatch(weight.replace(" ", "")) is not None
    return next((name for name in PACKERS if asked.get(name, asked.get("*", False))), None)


class WebFiles:
    """All files of the pages, as they are now; their prefix says what they contain: nothing below it ever changes."""

    def __init__(self) -> None:
        self.served = {path: _read(path) for path in _walk(FOLDER)}
        whole = hashlib.sha256()
        for path in sorted(self.served):
            whole.update(path.encode() + b"\0" + self.served[path].content + b"\0")
        self.prefix = f"/w/{whole.hexdigest()[:16]}"
        self.documents = dict[str | None, Served]()

    def addresses(self) -> dict[str, str]:
        """Return the module of each page's address, as the table of pages says."""
        return pages_of(self._text(ENTRY))

    def document(self, address: str | None) -> Served:
        """Return the one document, in which the browser is told what the page of *address* will need; None: no page."""
        if address not in self.documents:
            self.documents[address] = Served(self._document(address).encode(), "text/html; charset=utf-8")
        return self.documents[address]

    def look(self) -> str:
        """Return what a page's head says to have the look of these pages."""
        return f'{self._icon()}\n<link rel="stylesheet" href="{self.prefix}/{STYLES}">'

    def _document(self, address: str | None) -> str:
        page = self._needed_by(self.addresses()[address]) if address else []
        needed = list(dict.fromkeys([*self._needed_by(ASKING), *self._needed_by(ENTRY), *page]))
        lines = [f'<link rel="modulepreload" href="{self.prefix}/{path}">' for path in needed]
        words = {"files": "\n".join([self.look(), *lines]), "prefix": self.prefix, **self._found(address)}
        text = (FOLDER / PAGE).read_text(encoding="utf-8")
        return re.sub(r"\{\{(\w+)\}\}", lambda place: words[place[1]], text)

    def _found(self, address: str | None) -> dict[str, str]:
        """Return what search engines are told of a page; what is not described is not for them."""
        if address not in (described := descriptions()):
            return {"title": SITE, "found": '<meta name="robots" content="noindex">'}
        title, description = described[address]["title"], described[address]["description"]
        told = f'<meta name="description" content="{html.escape(description)}">'
        return {"title": html.escape(f"{title} – {SITE}"), "found": told}

    def _icon(self) -> str:
        icon = f"data:image/svg+xml,{quote(self._text(ICON).strip())}"
        return f'<link rel="icon" href="{html.escape(icon)}" type="image/svg+xml">'

    def _needed_by(self, module: str) -> list[str]:
        """Return a module and all that it imports at once, as deep as it goes."""
        found, waiting = list[str](), [module]
        while waiting:
            path = waiting.pop()
            if path not in found:
                found.append(path)
                waiting += imports_of(path, self._text(path))
        return found

    def _text(self, path: str) -> str:
        return self.served[path].content.decode()


class PagesSite:
    """Serves the pages; one that *follows_edits* reads the files anew whenever one was changed, for who writes them."""

    def __init__(self, public_url: str, *, follows_edits: bool = False) -> None:
        self._policy = policy_of(public_url)
        self._public_url = public_url
        self._follows_edits = follows_edits
        self._stamp = _stamp() if follows_edits else 0
        self._known = WebFiles()

    def routes(self) -> list[Route]:
        """Return the routes of the files, and of every page that the table of pages names."""
        return [
            Route("/w/{version}/{path:path}", self._file),
            Route("/favicon.ico", self._icon),
            Route("/robots.txt", _robots),
            *(Route(address, self._page(address)) for address in self._known.addresses()),
        ]

    def look(self) -> str:
        """Return what a page's head says to have the look of the pages as they are now."""
        return self._files().look()

    async def not_found(self, request: Request) -> Response:
        """Answer that there is no such page."""
        return await self._files().document(None).as_asked(request, {"content-security-policy": self._policy}, 404)

    def _files(self) -> WebFiles:
        if self._follows_edits and (stamp := _stamp()) != self._stamp:
            self._stamp, self._known = stamp, WebFiles()
        return self._known

    async def _file(self, request: Request) -> Response:
        files = self._known  # What a document named, as it was then: the next document is the one that follows edits.
        served = files.served.get(request.path_params["path"])
        if served is None or f"/w/{request.path_params['version']}" != files.prefix:
            return Response(status_code=404)
        return await served.as_asked(request, {"cache-control": FOR_GOOD})

    async def _icon(self, request: Request) -> Response:
        return await self._files().served[ICON].as_asked(request, {"cache-control": "public, max-age=86400"})

    def _page(self, address: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if self._follows_edits and (ours := at_our_origin(request, self._public_url)):
                return RedirectResponse(ours)
            document = self._files().document(address)
            headers = {"etag": document.tag, "cache-control": "no-cache", "content-security-policy": self._policy}
            if document.tag in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=headers)
            return await document.as_asked(request, headers)

        return answer


def at_our_origin(request: Request, public_url: str) -> str | None:
    """
    Return where a page is that was asked for by another name of this machine; None if it is where it should be.

    To the API it would be a page of somebody else: whoever signs in there is not signed in.
    """
    public = urlsplit(public_url)
    name, _, port = request.headers.get("host", "").rpartition(":")
    ours, _, our_port = public.netloc.rpartition(":")
    if name == ours or port != our_port or not {name, ours} <= LOOPBACKS:
        return None
    return str(request.url.replace(scheme=public.scheme, netloc=public.netloc))


async def _robots(_request: Request) -> Response:
    """Let search engines list what is described, and fetch what those pages are made of; nothing else."""
    allowed = [f"Allow: {address}$" for address in descriptions()]
    lines = ["User-agent: *", *allowed, "Allow: /w/", "Allow: /graphql$", "Allow: /favicon.ico$", "Disallow: /", ""]
    return PlainTextResponse("\n".join(lines), headers={"cache-control": "public, max-age=86400"})


def _stamp() -> int:
    with as_file(FOLDER) as folder:
        return max(each.stat().st_mtime_ns for each in folder.rglob("*"))


def pages_of(table: str) -> dict[str, str]:
    """Return the module of each address, from the source of the table of pages; `:name` becomes `{name}`."""
    rows = re.findall(r"^\s*\['(/[^']*)', .*\(\) => import\('\./([^']+)'\)", table, re.MULTILINE)
    return {re.sub(r":(\w+)", r"{\1}", address): f"app/{module}" for address, module in rows}


def imports_of(path: str, code: str) -> list[str]:
    """Return the paths that a module imports at once, not those it may import later."""
    return [_beside(path, one or other) for one, other in IMPORT.findall(code)]


def _beside(path: str, relative: str) -> str:
    parts = path.split("/")[:-1]
    for part in relative.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _walk(folder: Traversable, prefix: str = "") -> list[str]:
    found = list[str]()
    for each in folder.iterdir():
        path = f"{prefix}{each.name}"
        if each.is_dir() and (prefix or each.name in SERVED):
            found += _walk(each, f"{path}/")
        elif _suffix(path) in MEDIA_TYPES and (prefix or path == ICON):
            found.append(path)
    return found


def _read(path: str) -> Served:
    return Served(FOLDER.joinpath(*path.split("/")).read_bytes(), MEDIA_TYPES[_suffix(path)])


def _suffix(path: str) -> str:
    return path[path.rfind(".") :]
