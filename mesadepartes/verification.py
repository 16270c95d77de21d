"""The page behind a receipt's QR code: what the counter certified, without saying of whom."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from actions import gate
from mesadepartes.page import answer_with, fill, read_page
from reading.verification import find_by_code
from resolvers.context import client_of
from rules.receipt_words import act_row, say_day, say_hour, say_sent_day
from rules.receipts import ReceiptFacts
from rules.throttling import Door, TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools

GENUINE = "Esta constancia fue emitida por esta mesa de partes. Compare estos datos con los de su constancia."
UNKNOWN = (
    "No emitimos una constancia con ese código. Revise que esté completo: son 16 letras y números en grupos de cuatro."
)


LATER = "Se consultaron demasiados códigos desde su conexión. Vuelva a intentar en un minuto."


def verification_page(tools: Tools) -> Callable[[Request], Awaitable[Response]]:
    """Return the page that answers to a verification code."""
    template, institution = read_page("verification.html"), tools.institution

    async def answer(request: Request) -> Response:
        try:
            await gate.admit(tools, Door.PUBLIC_STATUS, client_of(request, tools))
        except TooManyAttempts as refusal:
            words = {"title": "Demasiadas consultas", "entity": institution.name, "sentence": LATER}
            page = answer_with(fill(template, words).replace("{{facts}}", ""), status_code=429)
            page.headers["retry-after"] = str(refusal.retry_after_seconds)
            return page
        receipt = await find_by_code(request.path_params["code"])
        if receipt is None:
            words = {"title": "Constancia no encontrada", "entity": institution.name, "sentence": UNKNOWN}
            return answer_with(fill(template, words).replace("{{facts}}", ""), status_code=404)
        facts = ReceiptFacts.from_json(receipt.facts)
        words = {"title": f"{facts.kind.label} {facts.number}", "entity": facts.entity, "sentence": GENUINE}
        return answer_with(fill(template, words).replace("{{facts}}", _rows(_told(facts))))

    return answer


def _told(facts: ReceiptFacts) -> dict[str, str]:
    files = {f"Archivo {file.ordinal} ({file.size_bytes} bytes), SHA-256": file.sha256 for file in facts.files}
    return {
        "Número de trámite": facts.number,
        "Código de verificación": facts.verification_code,
        "Dirigido a": facts.office,
        "Enviado": f"{say_sent_day(facts.sent_at)} {say_hour(facts.sent_at)} (hora de Lima)",
        "Se tiene por presentado": say_day(facts.filed_on),
        **{label: f"{at} (hora de Lima)" for label, at in act_row(facts)},
        **files,
    }


def _rows(told: dict[str, str]) -> str:
    return "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in told.items())
