"""A counter for tests: real tools over a real database, a clock that stands still, and people who use it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from actions import accounts, filing, notices, sessions, uploads
from actions.administration import plant_offices
from actions.code_studio import CodeStudio
from actions.credentials import PasswordPool
from actions.filing_forms import FilingForm
from actions.press import RENDER, Press
from actions.security_check import SecurityCheck
from actions.tools import Institution, Tools
from actions.vault import NONCE_BYTES, Vault
from files.folder import Folder
from files.outlines import OUTLINE
from files.picture_cache import PictureCache
from files.pictures import DRAW
from files.scanner import FILE as SCAN_FILE
from files.scanner import INSIDE as SCAN_INSIDE
from files.sieving import JUDGE, Sieve
from files.staging import Staging
from files.store import Store
from files.text_pictures import PICTURE
from files.text_reading import TextReader
from files.texts import TEXT
from files.views import FileViews
from intake.kept import KeptMails
from intake.parsing import PARSE
from intake.showing import SHOW
from models.catalogue import Office
from models.people import Post, Session, User
from models.second_factors import SecondFactor
from reading.access import Viewer, holder_of, viewer_of
from reading.cursors import Cursors
from rules.access import Role
from rules.catalogue import DocumentKind
from rules.people import IdentityKind
from rules.throttling import Client
from tests.seals import make_seal

if TYPE_CHECKING:
    from actions.press import Runner
    from models.files import Upload
    from models.tramites import Tramite

MONDAY = datetime(2026, 3, 9, 15, 0, tzinfo=UTC)
"""Monday 9 March 2026, 10:00 in Lima."""

JAILED = (RENDER, JUDGE, PARSE, SHOW, SCAN_FILE, SCAN_INSIDE, TEXT, PICTURE, DRAW, OUTLINE)
"""What the jail of a test counter runs."""

PASSWORD = "caballo correcto bateria grapa"
PDF = b"%PDF-1.7\n% a small document\n%%EOF\n"

INSTITUTION = Institution(
    name="Instituto Nacional Penitenciario",
    unit="Mesa de Partes Digital",
    public_url="https://mesa.example.pe",
    number_prefix="MPD",
    intake_address="mesadepartes@example.pe",
    privacy_policy_version="2026-1",
    privacy_policy="Tratamos sus datos solo para atender su trámite.",
)


@dataclass
class Clock:
    """A clock that is set by the test."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        """Return the instant that was set."""
        return self.at

    def advance(self, **parts: float) -> None:
        """Let time pass."""
        self.at += timedelta(**parts)


@dataclass
class Woken:
    """Remembers which channels were woken."""

    channels: list[str] = field(default_factory=list[str])

    def __call__(self, channel: str) -> None:
        """Note a wake-up."""
        self.channels.append(channel)


def make_tools(folder: Path, *, clock: Clock, jail: Runner, hasher: PasswordPool) -> Tools:
    """Return real tools whose files lie in *folder*."""
    store, seal = Store(Folder(folder / "store")), make_seal(clock)
    return Tools(
        clock=clock,
        random_bytes=os.urandom,
        institution=INSTITUTION,
        store=store,
        staging=Staging(folder / "staging"),
        press=Press(jail, seal),
        views=FileViews(jail, store, PictureCache(folder / "pictures", most_bytes=64 * 2**20)),
        texts=TextReader(jail, store),
        sieve=Sieve(jail),
        mails=KeptMails(jail, folder / "kept"),
        hasher=hasher,
        wake=Woken(),
        security_check=SecurityCheck(b"a key for tests", work=4, is_required=False),
        studio=CodeStudio(),
        vault=Vault("a key for tests that is long enough"),
        cursors=Cursors(b"a key for tests"),
        own_seal=seal,
    )


SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""The seed of everybody's second factor, unless a test gives another."""


async def give_second_factor(tools: Tools, user_id: UUID, seed: str = SEED) -> None:
    """Give an account a second factor, as if it had been set up long ago; one that it has stays."""
    sealed = tools.vault.seal(seed, about=user_id, nonce=tools.random_bytes(NONCE_BYTES))
    fresh = SecondFactor(user_id=user_id, confirmed_at=tools.clock(), seed=sealed)
    await SecondFactor.bulk_create([fresh], ignore_conflicts=True)


class Counter:
    """A counter with its nine offices, and short ways to do what tests need done before they begin."""

    def __init__(self, tools: Tools, clock: Clock) -> None:
        self.tools = tools
        self.clock = clock
        self._numbers = count(10_000_001)

    async def open(self) -> None:
        """Plant the offices."""
        await plant_offices()

    async def register(self, *, role: Role = Role.APPLICANT, office: str | None = None, **changes: object) -> Viewer:
        """Register somebody, sign them in, and return them as a viewer."""
        form = replace(self.registration(), **changes)  # pyright: ignore[reportArgumentType]
        await accounts.register_account(self.tools, form, role=role, is_verified=True)
        if office is not None:
            user = await User.get(identity_kind=form.identity_kind, identity_number=form.identity_number)
            await Post.create(user=user, office=await Office.get(code=office))
        return await self.sign_in(form)

    def registration(self) -> accounts.Registration:
        """Return a form that is in order, with an identity that nobody else has."""
        number = str(next(self._numbers))
        return accounts.Registration(
            identity_kind=IdentityKind.DNI,
            identity_number=number,
            given_names="María de los Ángeles",
            first_surname="Ñaupari",
            second_surname="Quispe",
            birth_date=date(1990, 2, 28),
            email=f"maria.{number}@example.pe",
            mobile="987654321",
            password=PASSWORD,
        )

    async def begin_session(self, form: accounts.Registration) -> sessions.SignedIn:
        """Sign in with what was registered, and return the session with its token."""
        given = sessions.Credentials(
            identity_kind=form.identity_kind, identity_number=form.identity_number, password=form.password
        )
        return await sessions.sign_in(self.tools, given, client=Client())

    async def sign_in(self, form: accounts.Registration) -> Viewer:
        """Sign in with what was registered; staff with their second factor."""
        signed_in = await self.begin_session(form)
        return await self.viewer_of(signed_in.token)

    async def viewer_of(self, token: str, *, has_second_factor: bool = True) -> Viewer:
        """Return who holds a session, staff after showing a second factor, which they are given if need be."""
        holder = await holder_of(token, at=self.clock())
        assert holder is not None
        if not has_second_factor:
            return holder
        if holder.appointed_role is not Role.APPLICANT or holder.has_second_factor:
            await give_second_factor(self.tools, holder.user_id)
            await Session.filter(id=holder.session_id).update(second_factor_at=self.clock())
        viewer = await viewer_of(token, at=self.clock())
        assert viewer is not None
        return viewer

    async def upload(self, viewer: Viewer, *, name: str = "solicitud.pdf", data: bytes = PDF) -> Upload:
        """Upload a file whole."""
        upload = await uploads.open_upload(self.tools, viewer, name=name, size_bytes=len(data))
        return await self.complete(upload, data)

    async def complete(self, upload: Upload, data: bytes) -> Upload:
        """Let all bytes of an upload arrive."""
        with NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return await uploads.store_upload(self.tools, upload, Path(file.name))

    async def form(self, viewer: Viewer, **changes: object) -> FilingForm:
        """Return a filing form that is in order, with a fresh main document and client key."""
        main = changes.pop("main_upload", None) or (await self.upload(viewer, data=PDF + uuid4().bytes)).id
        assert isinstance(main, UUID)
        form = FilingForm(
            client_key=uuid4(),
            office_code="SEDE-CENTRAL",
            document_kind=DocumentKind.APPLICATION,
            document_number="SN",
            subject="Solicito copia de mi expediente",
            folios=3,
            main_upload=main,
            annex_uploads=(),
            accepted_privacy_policy=INSTITUTION.privacy_policy_version,
        )
        return replace(form, **changes)  # pyright: ignore[reportArgumentType]

    async def file(self, viewer: Viewer, **changes: object) -> Tramite:
        """File a document."""
        return await filing.file_tramite(self.tools, viewer, await self.form(viewer, **changes))

    async def deliver(self) -> None:
        """Send all mails that are due, to nobody."""
        holder = uuid4()
        for notice in await notices.claim_notices(self.tools, holder, most=100):
            assert await notices.record_sent(self.tools, notice, holder=holder)
