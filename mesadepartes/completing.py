"""The page behind the link by which a filing that came by mail is completed; looking at it uses nothing up."""

from __future__ import annotations

import html
import logging
from typing import TYPE_CHECKING

from python_multipart.multipart import parse_options_header

from actions import completing, gate
from actions.completing import Brought, Completion
from actions.storing import NoRoom, StoreAway, refusal_of
from actions.transaction import OUTAGES
from files.store import StoreUnavailable
from mesadepartes.page import SAID, facts_list, fill
from resolvers.context import client_of
from resolvers.engine.multipart import BadMultipart, PartReader
from resolvers.uploads import MOST_BYTES, MOST_FILES
from rules.completions import NothingMissing
from rules.mail_missing import NO_SUBJECT
from rules.receipt_words import say_day
from rules.refusals import Conflict, InvalidInput, NotFound, Refusal, TooManyRequests, WrongStep
from rules.throttling import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from actions.tools import Tools
    from mesadepartes.page import Frame
    from models.tramites import Tramite

logger = logging.getLogger(__name__)

FIELD_BYTES = 2_000
QUESTION = "Adjunte lo que falta y envíelo. El enlace se usa una sola vez; su fecha de presentación se mantiene."
DONE = (
    "Recibimos lo que envió: completa su trámite, que conserva su fecha de presentación. Le enviamos la constancia a "
    "su correo."
)
UNREADABLE = "Lo que envió no llegó completo. Vuelva a intentarlo con este mismo enlace."
TOO_MUCH = "Los archivos pesan demasiado en total. Envíe menos, o más pequeños."
SUBJECT = (
    '<div class="field"><label for="subject">Asunto</label>\n'
    '<input type="text" id="subject" name="subject" maxlength="300"></div>\n'
)
MAIN = (
    '<div class="field"><label for="main">Documento principal (un PDF de hasta 20 MB)</label>\n'
    '<input id="main" name="main" type="file" accept=".pdf"></div>\n'
)
FORM = """<form class="narrow" method="post" enctype="multipart/form-data" autocomplete="off">
{subject}{main}<div class="field"><label for="annexes">Anexos (hasta 5)</label>
<input id="annexes" name="annexes" type="file" multiple></div>
<p><button class="primary">Enviar lo que falta</button></p>
</form>"""

_MENDABLE = (InvalidInput, NothingMissing, StoreAway, NoRoom)
"""What is refused so that the same link may be tried with something else."""

_STATUS = {
    StoreAway: 503,
    NoRoom: 507,
    InvalidInput: 422,
    NotFound: 404,
    Conflict: 409,
    WrongStep: 409,
    TooManyRequests: 429,
}


class _TooMuch(Exception):
    """More arrives than a filing may weigh."""


def completion_page(tools: Tools, frame: Frame) -> Callable[[Request], Awaitable[Response]]:
    """Return the page. Programs that look into mails open links, but send no forms: only a form uses it up."""

    def page(sentence: str, tramite: Tramite | None = None, *, form: str = "", status_code: int = 200) -> Response:
        content = fill(SAID, {"sentence": sentence}) + (_facts(tramite) if tramite else "") + form
        return frame.answer("Completar un documento", content, status_code=status_code)

    async def refused(refusal: Refusal, tramite: Tramite | None, sent: Completion) -> Response:
        code = next((code for family, code in _STATUS.items() if isinstance(refusal, family)), 400)
        form = await _form(tramite) if tramite and isinstance(refusal, _MENDABLE) else ""
        return page(_said(refusal, sent), tramite, form=form, status_code=code)

    async def answer(request: Request) -> Response:
        token, tramite, sent = request.path_params["code"], None, Completion()
        brought: list[Brought] = []
        try:
            await gate.admit(tools, Door.COMPLETE_FILING, client_of(request, tools))
            tramite = await completing.open_completion(tools, token)
            if request.method != "POST":
                return page(QUESTION, tramite, form=await _form(tramite))
            sent = await _read(tools, request, brought)
            done = await completing.complete_filing(tools, token, sent, client=client_of(request, tools))
        except (Refusal, StoreUnavailable) as error:
            await _give_up(tools, brought)
            return await refused(refusal_of(error), tramite, sent)
        except BadMultipart:
            await _give_up(tools, brought)
            return page(UNREADABLE, tramite, form=await _form(tramite) if tramite else "", status_code=400)
        except _TooMuch:
            await _give_up(tools, brought)
            return page(TOO_MUCH, status_code=413)
        return page(DONE, done)

    return answer


def _said(refusal: Refusal, sent: Completion) -> str:
    """Say it, and of which of the files that were sent: there may be six, and it is told at none of them."""
    others = refusal.others if isinstance(refusal, InvalidInput) else ()
    file = sent.file_at(refusal.path)
    return " ".join([*([f"«{file.name}»:"] if file else []), refusal.message, *(other.message for other in others)])


async def _form(tramite: Tramite) -> str:
    """Return a form that asks for nothing that is there already."""
    main = MAIN if await completing.lacks_main(tramite) else ""
    return FORM.format(subject=SUBJECT if NO_SUBJECT in tramite.missing else "", main=main)


def _facts(tramite: Tramite) -> str:
    told = {
        "Número de trámite": tramite.number,
        "Dependencia": tramite.office.name,
        "Fecha de presentación": say_day(tramite.filed_on),
        "Lo que falta": " ".join(tramite.missing) or "Nada.",
    }
    return facts_list((name, html.escape(value)) for name, value in told.items())


async def _read(tools: Tools, request: Request, brought: list[Brought]) -> Completion:
    """Read the form; what is kept of it is added to *brought* at once, so that it can be given up."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise BadMultipart("no form")
    parts, main, annexes, subject = PartReader(_body(request), options[b"boundary"]), None, list[Brought](), None
    while part := await parts.next_part():
        if part.file_name is None:
            text = (await parts.read(FIELD_BYTES)).decode("utf-8", errors="replace")
            subject = text.strip() or None if part.name == "subject" else subject
        elif part.file_name:
            if len(brought) >= MOST_FILES:
                raise _TooMuch
            if part.name == "main" and main is not None:
                raise BadMultipart("two main documents")
            file = await completing.receive_file(tools, part.file_name, parts.chunks())
            brought.append(file)
            main, annexes = (file, annexes) if part.name == "main" else (main, [*annexes, file])
    return Completion(subject=subject, main=main, annexes=tuple(annexes))


async def _body(request: Request) -> AsyncIterator[bytes]:
    arrived = 0
    async for chunk in request.stream():
        arrived += len(chunk)
        if arrived > MOST_BYTES:
            raise _TooMuch
        yield chunk


async def _give_up(tools: Tools, brought: list[Brought]) -> None:
    try:
        await completing.give_up(tools, brought)
    except OUTAGES as error:
        logger.warning("Unused files stay: %s", type(error).__name__, extra={"action": "unused_files_stay"})
