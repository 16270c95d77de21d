"""The page behind the link by which the sender of a mail says that it is theirs; looking at it confirms nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.mail_confirming import Confirmation, confirm_filing
from mesadepartes.page import SAID, fill
from resolvers.context import client_of
from rules.lifecycle import TramiteStatus
from rules.refusals import Conflict, NotFound
from rules.throttling import TooManyAttempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from mesadepartes.page import Frame

QUESTION = (
    "Recibimos un documento enviado desde su correo. Si usted lo envió, confírmelo: el enlace sirve una sola vez. "
    "Si no fue usted, no haga nada."
)
DONE = "Quedó confirmado que usted envió el documento del trámite {number}. Su fecha de presentación no cambia."
ADDED = (
    "Lo que envió responde a una observación: quedó agregado al trámite observado como subsanación, con la fecha en "
    "que llegó su correo, y este número queda anulado. Le enviamos las constancias a su correo."
)
FORM = """<form method="post"><button class="primary">Sí, yo lo envié</button></form>
<p>¿Tiene una cuenta, y quiere ver el trámite en ella? <a href="/incorporar/{{code}}">Agréguelo a su cuenta</a>: con eso
también queda confirmado.</p>
"""


def confirm_page(tools: Tools, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    """
    Return the page of a link that confirms.

    The link opens a question: programs that look into mails open links, but send no forms.
    """

    def page(title: str, sentence: str, *, form: str = "", status_code: int = 200) -> Response:
        return frame.answer(title, fill(SAID, {"sentence": sentence}) + form, status_code=status_code)

    async def answer(request: Request) -> Response:
        code = request.path_params["code"]
        if request.method != "POST":
            return page("¿Usted envió este documento?", QUESTION, form=fill(FORM, {"code": code}))
        wish = Confirmation(code)
        try:
            tramite = await confirm_filing(tools, wish, viewer=None, client=client_of(request, tools))
        except NotFound as refusal:
            return page("Enlace incorrecto", refusal.message, status_code=404)
        except Conflict as refusal:
            return page("El enlace ya no sirve", refusal.message, status_code=409)
        except TooManyAttempts as refusal:
            refused = page("Demasiados intentos", refusal.message, status_code=429)
            refused.headers["retry-after"] = str(refusal.retry_after_seconds)
            return refused
        said = DONE.format(number=tramite.number)
        return page("Envío confirmado", f"{said} {ADDED}" if tramite.status is TramiteStatus.VOIDED else said)

    return answer
