"""The same mail as simple HTML: made from its plain text, so that both say the same. No style sheet, nothing remote."""

from __future__ import annotations

import html
import re
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEM: Final = "  - "
ASIDE: Final = "    "

_PAGE: Final = """<!doctype html>
<html lang="es-PE">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; color: #1d2733; max-width: 42em">
{body}
</body>
</html>
"""
_ASIDE: Final = '<p style="margin-left: 1.5em; white-space: pre-wrap">{}</p>'
_FOOTER: Final = '<p style="color: #55616e; border-top: 1px solid #d9dfe6; padding-top: 0.5em">{}</p>'
_BLANK = re.compile(r"\n{2,}")


def to_html(text: str, *, title: str, public_url: str) -> str:
    """
    Return *text* as a page: paragraphs, lists, and what is set off; after the line `--`, what mails end with.

    Only what leads to our own site, at *public_url*, becomes a link: what strangers wrote stays text.
    """
    said, _, ending = text.partition("\n--\n")
    blocks = [*_blocks(said), *([_FOOTER.format(_lines(ending.strip().split("\n"), sep="<br>\n"))] if ending else [])]
    return _PAGE.format(title=html.escape(title), body=_linked("\n".join(blocks), html.escape(public_url)))


def _blocks(text: str) -> Iterator[str]:
    for block in _BLANK.split(text.strip("\n")):
        for kind, lines in groupby(block.split("\n"), key=_kind):
            yield _block(kind, list(lines))


def _kind(line: str) -> str:
    return next((mark for mark in (ITEM, ASIDE) if line.startswith(mark)), "")


def _block(kind: str, lines: list[str]) -> str:
    bare = [line.removeprefix(kind) for line in lines]
    if kind == ITEM:
        return f"<ul>\n{_lines([f'{line}' for line in bare], sep='', before='<li>', after='</li>')}</ul>"
    if kind == ASIDE:
        return _ASIDE.format(_lines(bare, sep="\n"))
    return f"<p>{_lines(bare, sep=chr(10))}</p>"


def _lines(lines: list[str], *, sep: str, before: str = "", after: str = "") -> str:
    end = f"{after}\n" if after else ""
    return sep.join(f"{before}{html.escape(line)}{end}" for line in lines)


def _linked(markup: str, url: str) -> str:
    """Make links of our own addresses; *url* and *markup* are escaped already."""
    ours = re.compile(rf"{re.escape(url)}(?:/[A-Za-z0-9/._~\-]*[A-Za-z0-9/_~\-])?(?![A-Za-z0-9:@])")
    return ours.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', markup)
