"""The page behind the link by which a person stops a recovery of their account; looking at it stops nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.recovery_requests import stop_recovery
from mesadepartes.page import SAID, fill
from rules.refusals import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from mesadepartes.page import Frame

QUESTION = (
    "Alguien pidió cambiar la contraseña de su cuenta con sus datos personales. Si no fue usted, deténgalo: su cuenta "
    "seguirá como estaba."
)
DONE = "El pedido quedó detenido: su cuenta sigue como estaba y su contraseña es la de siempre."
FORM = '<form method="post"><button class="danger">Detener el cambio de contraseña</button></form>'


def stop_page(tools: Tools, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    """
    Return the page of a stop link.

    The link opens a question: programs that look into mails open links, but send no forms.
    """

    def page(title: str, sentence: str, *, form: str = "", status_code: int = 200) -> Response:
        return frame.answer(title, fill(SAID, {"sentence": sentence}) + form, status_code=status_code)

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return page("¿Detener el cambio de contraseña?", QUESTION, form=FORM)
        try:
            await stop_recovery(tools, token=request.path_params["code"])
        except NotFound as refusal:
            return page("Enlace incorrecto", refusal.message, status_code=404)
        except Conflict as refusal:
            return page("El pedido ya no está en espera", refusal.message, status_code=409)
        return page("Pedido detenido", DONE)

    return answer
