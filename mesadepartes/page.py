"""Pages of the shell: a text with places for words, and a content security policy that fits it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.responses import Response


def read_page(name: str) -> str:
    """Return the text of a page."""
    return files("mesadepartes.pages").joinpath(name).read_text(encoding="utf-8")


def fill(text: str, words: Mapping[str, str]) -> str:
    """Put words, as text and never as markup, into their places."""
    for name, value in words.items():
        text = text.replace(f"{{{{{name}}}}}", html.escape(value))
    return text


SAID = '<p class="lead">{{sentence}}</p>\n'


def facts_list(rows: Iterable[tuple[str, str]]) -> str:
    """Return pairs of words as a list; the second of each is markup."""
    listed = "".join(f"<div><dt>{html.escape(name)}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f'<dl class="facts">{listed}</dl>'


class Frame:
    """What the pages stand in that the server makes: head, header and footer as the other pages have them."""

    def __init__(self, institution: str, look: Callable[[], str]) -> None:
        """*look* gives the lines of the head that fetch the style, which may change while the web part runs."""
        self._text = fill(read_page("frame.html"), {"institution": institution})
        self._look = look

    def answer(self, title: str, content: str, *, status_code: int = 200) -> Response:
        """Return an answer with a page of that title; *content* is markup."""
        text = fill(self._text, {"title": title}).replace("{{look}}", self._look()).replace("{{content}}", content)
        return answer_with(text, status_code=status_code)


def answer_with(text: str, *, status_code: int = 200) -> Response:
    """Return an answer with a page that may run its own scripts, load our style, and send nothing but its forms."""
    return HTMLResponse(text, status_code=status_code, headers={"content-security-policy": _policy_of(text)})


def _policy_of(text: str) -> str:
    """Return the content security policy that lets through exactly the scripts and styles of this page."""
    return (
        f"default-src 'none'; script-src {_hashes('script', text)}; {_style(text)}; "
        f"connect-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action {_form_action(text)}"
    )


def _style(text: str) -> str:
    if '<link rel="stylesheet"' in text:
        return "style-src 'self'; font-src 'self'; img-src data:"
    return f"style-src {_hashes('style', text)}"


def _form_action(text: str) -> str:
    return "'self'" if "<form" in text else "'none'"


def _hashes(tag: str, text: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in found]
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
