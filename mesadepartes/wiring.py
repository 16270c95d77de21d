"""Builds the tools that actions work with, from the settings."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.code_studio import CodeStudio
from actions.credentials import PasswordPool
from actions.press import RENDER, Press
from actions.security_check import SecurityCheck
from actions.tools import Institution, Limits, Tools
from actions.vault import Vault
from files.jail import Jail
from files.outlines import OUTLINE
from files.picture_cache import PictureCache
from files.pictures import DRAW
from files.recognition import Recognizer
from files.sieving import JUDGE, Sieve
from files.staging import Staging
from files.text_pictures import PICTURE
from files.text_reading import TextReader
from files.texts import TEXT
from files.views import FileViews
from mesadepartes.clock import now
from mesadepartes.database import POOL_SIZE, connected
from mesadepartes.page import read_page
from mesadepartes.setting_values import Recognition, RecoveryByData
from mesadepartes.storing import SPOOL, STAGING, folders_of_contents, folders_of_files, keeping, store_of
from mesadepartes.waking import waker
from reading.cursors import Cursors
from rules.due import DeskTerms
from rules.files import MEGABYTE
from rules.receipts import Letterhead
from rules.recoveries import RecoveryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from files.store import Store
    from intake.kept import KeptMails
    from intake.proof import SignatureCheck
    from intake.reception import Means
    from mesadepartes.settings import Settings
    from seals.seal import Seal
    from seals.time_stamps import Authority

PICTURES = "pictures"
"""A folder of the counter's data that can be drawn again: it need not be saved."""

RENDER_MEMORY_BYTES = 512 * 1024 * 1024
DRAW_MEMORY_BYTES = 768 * 1024 * 1024
MOST_DRAWING, MOST_WAITING = 2, 24
TEXT_MEMORY_BYTES = 768 * 1024 * 1024
JUDGE_MEMORY_BYTES = 512 * 1024 * 1024
JUDGES = 2
"""A file that takes long to judge does not hold up all others."""

PARSE_MEMORY_BYTES = 512 * 1024 * 1024
MOST_PARSERS = 3


def institution_of(settings: Settings) -> Institution:
    """Return how the institution names itself."""
    assert settings.entity_name is not None
    assert settings.mail_address is not None
    return Institution(
        name=settings.entity_name,
        unit=settings.entity_unit,
        public_url=settings.public_url,
        number_prefix=settings.number_prefix,
        intake_address=settings.mail_address,
        privacy_policy_version=settings.privacy_policy_version,
        correction_keeps_date=settings.correction_keeps_date,
        takes_plus_addresses=settings.mail_plus_addresses,
        privacy_policy=privacy_policy_of(settings),
        desk_terms=DeskTerms(settings.route_within_days, settings.attend_within_days),
        ruc=settings.entity_ruc,
        source_url=settings.source_url,
        letterhead=letterhead_of(settings),
    )


def letterhead_of(settings: Settings) -> Letterhead:
    """Return how the paper of receipts looks; the emblem is known by the name it has in the store."""
    return Letterhead(
        accent=settings.receipt_accent,
        dark=settings.receipt_dark,
        grey=settings.receipt_grey,
        mark=settings.receipt_mark,
        emblem_sha256=settings.receipt_emblem.sha256 if settings.receipt_emblem else None,
    )


def privacy_policy_of(settings: Settings) -> str:
    """Return the text of the privacy policy: the configured one, or a general one in the entity's name."""
    if settings.privacy_policy_file is not None:
        return Path(settings.privacy_policy_file).read_text(encoding="utf-8")
    words = {"entity": settings.entity_name or "", "address": settings.mail_address or ""}
    return read_page("privacy.txt").format_map(words)


def security_check_of(settings: Settings) -> SecurityCheck:
    """Return the security check; parts that no stranger reaches may lack the key that the others share."""
    key = (settings.secret_key or secrets.token_hex()).encode()
    return SecurityCheck(key, settings.security_check_work, settings.security_check)


def cursors_of(settings: Settings) -> Cursors:
    """Return what signs places in lists; parts that show no list may lack the key that the others share."""
    return Cursors((settings.secret_key or secrets.token_hex()).encode())


def vault_of(settings: Settings) -> Vault:
    """Return the vault; parts that open nothing may lack its keys."""
    return Vault(*(settings.second_factor_keys or (secrets.token_hex(),)))


def limits_of(settings: Settings) -> Limits:
    """Return how much may wait to be filed."""
    return Limits(settings.upload_quota_mb * MEGABYTE, settings.upload_total_mb * MEGABYTE)


def picture_cache_of(settings: Settings) -> PictureCache:
    """Return where pictures of pages are kept."""
    return PictureCache(settings.data / PICTURES, most_bytes=settings.pictures_cache_mb * MEGABYTE)


def recovery_of(settings: Settings) -> RecoveryPolicy:
    """Return when recovery by personal data takes effect."""
    is_delayed = settings.recovery_by_data is RecoveryByData.DELAYED
    return RecoveryPolicy(is_delayed=is_delayed, delay=timedelta(hours=settings.recovery_delay_hours))


def authority_of(settings: Settings) -> Authority | None:
    """Return the time stamping authority, None without one."""
    from seals.time_stamps import Authority

    if settings.tsa_url is None:
        return None
    return Authority(settings.tsa_url, settings.tsa_user, settings.tsa_password)


@dataclass(frozen=True)
class Jails:
    """Where untrusted bytes are read, one for each work; no child of one starts before it is asked something."""

    press: Jail
    drawer: Jail
    librarian: Jail
    judges: Jail
    parser: Jail


def _jails_of(settings: Settings, stack: AsyncExitStack) -> Jails:
    """Return them; they are closed with *stack*."""
    from intake.parsing import PARSE
    from intake.showing import SHOW

    kept, spooled, files = folders_of_contents(settings), [settings.data / SPOOL], folders_of_files(settings)
    jails = Jails(
        press=Jail([RENDER], memory_bytes=RENDER_MEMORY_BYTES),
        drawer=Jail(
            [DRAW, OUTLINE], size=MOST_DRAWING, reads=kept, memory_bytes=DRAW_MEMORY_BYTES, waiting=MOST_WAITING
        ),
        librarian=Jail([TEXT, PICTURE], reads=kept, memory_bytes=TEXT_MEMORY_BYTES),
        judges=Jail([JUDGE], size=JUDGES, reads=files, memory_bytes=JUDGE_MEMORY_BYTES, has_spare=True),
        parser=Jail([PARSE, SHOW], reads=spooled, memory_bytes=PARSE_MEMORY_BYTES),
    )
    for each in (jails.press, jails.drawer, jails.librarian, jails.judges, jails.parser):
        stack.push_async_callback(each.close)
    return jails


def _kept_mails_of(settings: Settings, parser: Jail) -> KeptMails:
    from intake.kept import KeptMails
    from mesadepartes.sources import servers_of_unread

    return KeptMails(parser, settings.data / SPOOL, servers=servers_of_unread(settings))


@asynccontextmanager
async def opened(settings: Settings, *, pool_size: int = POOL_SIZE, **connecting: Any) -> AsyncGenerator[Tools]:
    """
    Connect the database and build the tools, for as long as the block lasts.

    Nothing is asked of the database yet: it may come later than we do. What else is given, `connected` is told.

    Raises:
        WrongSettings: the seal cannot be what they say.
    """
    from mesadepartes.antivirus import antivirus
    from mesadepartes.seal_keys import load_seal

    assert settings.database_url is not None
    seal = await asyncio.to_thread(load_seal, settings, clock=now)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(connected(settings.database_url, pool_size=pool_size, **connecting))
        wake = await stack.enter_async_context(waker(settings.database_url))
        store = store_of(settings)
        if emblem := settings.receipt_emblem:
            await stack.enter_async_context(keeping(store, emblem.content))
        yield Tools(
            clock=now,
            random_bytes=os.urandom,
            wake=wake,
            own_seal=seal,
            antivirus=await stack.enter_async_context(antivirus(settings)),
            **_by_settings(settings),
            **_with_files(settings, store, seal, stack),
        )


def _by_settings(settings: Settings) -> dict[str, Any]:
    """Return the tools that settings alone make."""
    return {
        "institution": institution_of(settings),
        "security_check": security_check_of(settings),
        "vault": vault_of(settings),
        "cursors": cursors_of(settings),
        "limits": limits_of(settings),
        "recovery": recovery_of(settings),
        "trusted_proxies": settings.trusted_proxies,
        "anchor_address": settings.anchor_address,
        "stamps": authority_of(settings),
    }


def _with_files(settings: Settings, store: Store, seal: Seal | None, stack: AsyncExitStack) -> dict[str, Any]:
    """Return the tools that keep, read or draw files, and what works in processes of its own; closed with *stack*."""
    jails, hasher, studio = _jails_of(settings, stack), PasswordPool(), CodeStudio()
    for each in (hasher, studio):
        stack.callback(each.close)
    return {
        "store": store,
        "staging": Staging(settings.data / STAGING),
        "press": Press(jails.press, seal, claims_conformity=settings.receipt_claims),
        "views": FileViews(jails.drawer, store, picture_cache_of(settings)),
        "texts": TextReader(jails.librarian, store),
        "sieve": Sieve(jails.judges),
        "mails": _kept_mails_of(settings, jails.parser),
        "hasher": hasher,
        "studio": studio,
        "recognizer": Recognizer(jails.librarian, store) if settings.ocr is Recognition.TESSERACT else None,
    }


@asynccontextmanager
async def intake_means(settings: Settings, tools: Tools, *, mailboxes: int = 1) -> AsyncGenerator[Means]:
    """
    Build what the intake needs besides, for as long as the block lasts; its jail is its own.

    With several mailboxes it has several cells: a mail that takes long to parse does not hold up the other mailboxes;
    with a spare child, one that takes its parser down hardly holds up those behind it.
    """
    from intake.parsing import PARSE
    from intake.reception import Means
    from intake.spool import Spool
    from mesadepartes.sources import own_servers_of

    size = min(mailboxes, MOST_PARSERS)
    jail = Jail([PARSE], size=size, reads=[settings.data / SPOOL], memory_bytes=PARSE_MEMORY_BYTES, has_spare=True)
    try:
        async with signature_check(settings) as signatures:
            spool, servers = Spool(settings.data / SPOOL), own_servers_of(settings)
            yield Means(tools, jail, spool, servers=servers, signatures=signatures)
    finally:
        await jail.close()


@asynccontextmanager
async def signature_check(settings: Settings) -> AsyncGenerator[SignatureCheck | None]:
    """
    Build our own check of DKIM signatures, None without it; its jail is its own, and starts at the first signed mail.

    The parser is not burdened with the library, nor does a signature that breaks it take a mail down.
    """
    from intake.dkim_check import CHECK, FIND, MEMORY_BYTES, DkimCheck
    from intake.dkim_keys import Dns, Keys

    if not settings.dkim_check:
        yield None
        return
    jail = Jail([FIND, CHECK], reads=[settings.data / SPOOL], memory_bytes=MEMORY_BYTES)
    try:
        yield DkimCheck(jail, Keys(Dns()))
    finally:
        await jail.close()
