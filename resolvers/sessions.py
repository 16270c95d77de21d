"""Sessions, and the security check before them."""

from dataclasses import replace
from typing import Annotated

import strawberry

from actions import gate, sessions
from actions.code_studio import ShownCode
from models.people import Session as SessionRow
from models.people import User as Row
from reading.access import Viewer
from reading.people import sessions_of
from resolvers.context import Info, holds_session, signed_in, wanted
from resolvers.shapes.people import USER
from rules.sessions import COOKIE, DEVICE_COOKIE, DEVICE_COOKIE_LIFE, SessionKind
from rules.throttling import Door
from schema.described import takes
from schema.people import User
from schema.sessions import (
    EndOtherSessionsResult,
    EndOtherSessionsSuccess,
    EndSessionInput,
    EndSessionResult,
    EndSessionSuccess,
    SecurityCheck,
    SecurityCode,
    Session,
    SignInInput,
    SignInResult,
    SignInSuccess,
    SignOutResult,
    SignOutSuccess,
)


@strawberry.type
class SessionQuery:
    """The viewer's sessions, and what a stranger needs to begin one."""

    @strawberry.field(description="The viewer's live sessions, the last begun first; at most 100.")
    async def sessions(self, info: Info) -> list[Session]:
        """Return the live sessions."""
        viewer = await signed_in(info)
        return [show_session(row, viewer) for row in await sessions_of(viewer, at=info.context.tools.clock())]

    @strawberry.field(description="A new security check (casilla de seguridad), good for ten minutes and one use.")
    async def security_check(self, info: Info) -> SecurityCheck:
        """Make a proof-of-work challenge."""
        tools = info.context.tools
        await gate.admit(tools, Door.SECURITY_CHECK, info.context.client)
        check = tools.security_check
        return SecurityCheck(is_required=check.is_required, challenge=check.make_challenge(tools.clock()))

    @strawberry.field(description="A new security check as a picture and as sound, good for ten minutes and one try.")
    async def security_code(self, info: Info) -> SecurityCode:
        """Make a code."""
        tools = info.context.tools
        await gate.admit(tools, Door.SECURITY_CODE, info.context.client)
        code = tools.security_check.make_code(tools.clock())
        shown = ShownCode(tools.studio, code.digits)
        return SecurityCode(token=code.token, draw=shown.picture, speak=shown.sound)


@strawberry.type
class SessionMutation:
    """Begin and end sessions."""

    @strawberry.mutation(description="Sign in (ingresar): begin a session.")
    async def sign_in(self, info: Info, given: Annotated[SignInInput, takes("The credentials.")]) -> SignInResult:
        """Begin a session."""
        begun = await sessions.sign_in(
            info.context.tools,
            sessions.Credentials(
                identity_kind=given.identity_kind, identity_number=given.identity_number, password=given.password
            ),
            client=info.context.client,
            proof=given.proof,
            kind=given.session,
            user_agent=info.context.user_agent,
        )
        is_browser = given.session is SessionKind.COOKIE
        if is_browser:
            set_session_cookie(info, begun.token)
            _set_device_cookie(info, begun.device)
        return SignInSuccess(
            token=None if is_browser else begun.token,
            expires_at=begun.expires_at,
            user=None if begun.awaits_second_factor else await show_holder(info, begun.user, viewer=None),
            awaits_second_factor=begun.awaits_second_factor,
        )

    @strawberry.mutation(description="Sign out (salir): end the session of this request.")
    async def sign_out(self, info: Info) -> SignOutResult:
        """End the session."""
        await sessions.sign_out(info.context.tools, await holds_session(info))
        if info.context.cookie and (response := info.context.response):
            response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
            response.headers["clear-site-data"] = '"cache", "storage"'
        return SignOutSuccess(is_signed_out=True)

    @strawberry.mutation(description="End one of one's own sessions (cerrar una sesión).")
    async def end_session(self, info: Info, given: Annotated[EndSessionInput, takes("Which.")]) -> EndSessionResult:
        """End a session."""
        await sessions.end_session(info.context.tools, await signed_in(info), given.id)
        return EndSessionSuccess(session_id=given.id)

    @strawberry.mutation(description="End all one's own sessions but this one (cerrar las demás sesiones).")
    async def end_other_sessions(self, info: Info) -> EndOtherSessionsResult:
        """End all other sessions."""
        return EndOtherSessionsSuccess(
            count=await sessions.end_other_sessions(info.context.tools, await signed_in(info))
        )


def show_session(row: SessionRow, viewer: Viewer) -> Session:
    """Return a session of the viewer's as the API shows it."""
    return Session(
        id=row.id,
        kind=row.kind,
        device=row.device,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
        idle_seconds=_idle_seconds(row),
        is_current=row.id == viewer.session_id,
    )


def _idle_seconds(row: SessionRow) -> int | None:
    """Return how long a session lasts without a request, which moves both of these instants."""
    if row.idle_until is None or row.last_seen_at is None:
        return None
    return int((row.idle_until - row.last_seen_at).total_seconds())


async def show_holder(info: Info, user: Row, *, viewer: Viewer | None) -> User:
    """Show the holder of a session that has just begun or changed, as *viewer* in it, not in the request's own."""
    scene = replace(await info.context.scene(), viewer=viewer)
    [shown] = await USER.show([user], wanted(info, "user"), scene)
    return shown


def set_session_cookie(info: Info, token: str) -> None:
    """Give the browser the token of its session."""
    _set_cookie(info, COOKIE, token, life=None)


def _set_device_cookie(info: Info, device: str) -> None:
    """Give the browser what it will be known by when it signs in again."""
    _set_cookie(info, DEVICE_COOKIE, device, life=int(DEVICE_COOKIE_LIFE.total_seconds()))


def _set_cookie(info: Info, name: str, value: str, *, life: int | None) -> None:
    response = info.context.response
    assert response is not None, "mutations are not served over sockets"
    response.set_cookie(name, value, max_age=life, path="/", secure=True, httponly=True, samesite="strict")
