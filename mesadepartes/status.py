"""The page that tells anybody how a trámite stands who types its number and key, as the mails about it give them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from actions import gate
from mesadepartes.page import facts_list, fill, read_page
from reading.verification import find_by_key
from resolvers.context import client_of
from rules.receipt_words import say_day
from rules.throttling import Door, TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from mesadepartes.page import Frame
    from models.tramites import Tramite

MOST_BYTES = 2_000
"""How long a form may be."""

QUESTION = "Escriba el número y la clave tal como figuran en el correo que recibió con su constancia de envío."
FOUND = "Esto es lo que consta ahora en la mesa de partes."
UNKNOWN = "No hay un trámite con ese número y esa clave. Revise ambos en el correo con su constancia de envío."
TOO_LONG = "Lo que envió es demasiado largo. Escriba solo el número y la clave."
LATER = "Se hicieron demasiadas consultas desde su conexión. Vuelva a intentar en un minuto."


def status_page(tools: Tools, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    """
    Return the page.

    Number and key are sent in the body: what stands in an address is kept in histories and logs.
    """
    template = read_page("status.html")

    def page(sentence: str, told: str = "", *, status_code: int = 200) -> Response:
        content = fill(template, {"sentence": sentence}).replace("{{facts}}", told)
        return frame.answer("Estado de un trámite", content, status_code=status_code)

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return page(QUESTION)
        try:
            await gate.admit(tools, Door.PUBLIC_STATUS, client_of(request, tools))
        except TooManyAttempts as refusal:
            refused = page(LATER, status_code=429)
            refused.headers["retry-after"] = str(refusal.retry_after_seconds)
            return refused
        form = await _form(request)
        if form is None:
            return page(TOO_LONG, status_code=413)
        found = await find_by_key(form.get("number", ""), lookup_key=form.get("key", ""))
        return page(FOUND, _facts(found)) if found else page(UNKNOWN, status_code=404)

    return answer


async def _form(request: Request) -> dict[str, str] | None:
    """Return the fields that were sent; None if they are too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    fields = parse_qs(body.decode("ascii", errors="replace"))
    return {name: values[0] for name, values in fields.items()}


def _facts(tramite: Tramite) -> str:
    told = {
        "Número de trámite": tramite.number,
        "Estado": tramite.status.label.capitalize(),
        "Dependencia": tramite.office.name,
        "Fecha de presentación": say_day(tramite.filed_on),
    }
    return facts_list((name, html.escape(value)) for name, value in told.items())
