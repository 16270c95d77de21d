"""The page behind a receipt's QR code: what the counter certified, without saying of whom, and what proves it."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from actions import gate
from mesadepartes.page import SAID, facts_list, fill, read_page
from reading import receipt_log
from reading.verification import find_by_code
from resolvers.context import client_of
from rules.receipt_words import act_row, say_day, say_hour, say_sent_day
from rules.receipts import ReceiptFacts
from rules.throttling import Door, TooManyAttempts
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from mesadepartes.page import Frame
    from models.receipt_log import LogHead
    from models.receipts import Receipt

GENUINE = "Esta constancia fue emitida por esta mesa de partes. Compare estos datos con los de su constancia."
ERASED = (
    "Esta constancia fue emitida por esta mesa de partes. Lo que decía de las personas ya no se conserva: pasó el "
    "tiempo previsto. Sus números, sus fechas y los resúmenes de sus archivos siguen aquí."
)
UNKNOWN = (
    "No emitimos una constancia con ese código. Revise que esté completo: son 16 letras y números en grupos de cuatro."
)
LATER = "Se consultaron demasiados códigos desde su conexión. Vuelva a intentar en un minuto."

UNSEALED = "Todavía no tiene su sello electrónico. Se le pone momentos después de emitirla: vuelva en unos minutos."
UNPUBLISHED = (
    "Está en el registro de constancias, en el lugar {index}. Al terminar cada día se publica la cabeza del registro, "
    "que la incluirá: su prueba estará aquí al día siguiente de su emisión."
)
PUBLISHED = (
    "Está en el registro de constancias, en el lugar {index}, y la incluye la cabeza del {day}, con {size}, que se "
    "publicó el {made}. Desde entonces nadie puede cambiarla, quitarla ni fechar otra en ese día sin que se note."
)
FOR_DEVELOPMENT = " (sello de prueba, sin valor)"

Row = tuple[str, str, str | None]
"""A label, a text, and by which name the browser compares it, if it is a SHA-256 of something one may hold."""


def verification_page(tools: Tools, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    """Return the page that answers to a verification code."""
    verified = read_page("verified.html")

    def page(title: str, sentence: str, checked: str = "", *, status_code: int = 200) -> Response:
        return frame.answer(title, fill(SAID, {"sentence": sentence}) + checked, status_code=status_code)

    async def answer(request: Request) -> Response:
        try:
            await gate.admit(tools, Door.PUBLIC_STATUS, client_of(request, tools))
        except TooManyAttempts as refusal:
            refused = page("Demasiadas consultas", LATER, status_code=429)
            refused.headers["retry-after"] = str(refusal.retry_after_seconds)
            return refused
        receipt = await find_by_code(request.path_params["code"])
        if receipt is None:
            return page("Constancia no encontrada", UNKNOWN, status_code=404)
        facts, head = ReceiptFacts.from_json(receipt.facts), await receipt_log.head_of(receipt)
        sentence = ERASED if receipt.erased_at is not None else GENUINE
        checked = _checked(verified, receipt, facts, head)
        return page(f"{facts.kind.label} {facts.number}", sentence, checked)

    return answer


def _checked(template: str, receipt: Receipt, facts: ReceiptFacts, head: LogHead | None) -> str:
    """Return what is told of a receipt that there is, as markup."""
    return (
        fill(template, {"place": _place(receipt, head)})
        .replace("{{facts}}", _rows(_told(receipt, facts)))
        .replace("{{seal}}", _rows(_seal(receipt, facts)))
        .replace("{{files}}", _links(facts, head))
        .replace("{{offline}}", "" if head else " hidden")
    )


def _told(receipt: Receipt, facts: ReceiptFacts) -> list[Row]:
    return [
        ("Número de trámite", facts.number, None),
        ("Código de verificación", facts.verification_code, None),
        ("Emitida por", facts.entity, None),
        ("Dirigido a", facts.office, None),
        ("Enviado", _say(facts.sent_at), None),
        ("Se tiene por presentado", say_day(facts.filed_on), None),
        *((label, f"{at} (hora de Lima)", None) for label, at in act_row(facts)),
        ("Constancia emitida", _say(receipt.issued_at), None),
        *(
            (f"Archivo {file.ordinal} ({file.size_bytes} bytes), SHA-256", file.sha256, str(file.ordinal))
            for file in facts.files
        ),
    ]


def _seal(receipt: Receipt, facts: ReceiptFacts) -> Iterable[Row]:
    if facts.seal is not None:
        yield "Sellada por", facts.seal.holder + (FOR_DEVELOPMENT if facts.seal.is_for_development else ""), None
        yield "Con un certificado de", facts.seal.issuer, None
    if receipt.content_id is not None:
        yield "SHA-256 del PDF sellado", receipt.content_id, "receipt"


def _place(receipt: Receipt, head: LogHead | None) -> str:
    if receipt.log_index is None:
        return UNSEALED
    place = receipt.log_index + 1
    if head is None:
        return UNPUBLISHED.format(index=place)
    size = "1 constancia" if head.size == 1 else f"{head.size} constancias"
    return PUBLISHED.format(index=place, day=say_day(head.day), size=size, made=say_day(day_of(head.made_at)))


def _links(facts: ReceiptFacts, head: LogHead | None) -> str:
    links = {"/constancias/certificado.pem": "Certificado del sello"}
    if head is not None:
        proof = f"/verificar/{facts.verification_code}/prueba.json"
        heads = f"/constancias/cabezas/{head.day.year}.json"
        links = {proof: "Prueba de esta constancia", heads: f"Cabezas publicadas en {head.day.year}", **links}
    return "".join(f'<li><a href="{html.escape(url)}">{html.escape(name)}</a></li>' for url, name in links.items())


def _rows(told: Iterable[Row]) -> str:
    return facts_list((name, _cell(value, compared)) for name, value, compared in told)


def _cell(value: str, compared: str | None) -> str:
    if compared is None:
        return html.escape(value)
    return f'<span class="digest" data-compared="{html.escape(compared)}">{html.escape(value)}</span>'


def _say(instant: datetime) -> str:
    return f"{say_sent_day(instant)} {say_hour(instant)} (hora de Lima)"
