"""The mailboxes that the intake reads, out of the settings: the one of MESA_IMAP_…, or those of the file."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from intake.imap import Account
from intake.mailbox import Folders, Source
from intake.proof import NO_SERVERS, OwnServers
from intake.sign_in import Mechanism
from intake.tokens import Client, Grant, Tokens
from mesadepartes.setting_values import Tls

if TYPE_CHECKING:
    from mesadepartes.mailboxes import MailboxSettings
    from mesadepartes.settings import Settings


def sources_of(settings: Settings, boxes: tuple[MailboxSettings, ...]) -> list[Source]:
    """Return a source for each folder of each account; several folders of one account share its tokens."""
    if not boxes:
        return [_only_source(settings)]
    return [source for box in boxes for source in _sources(box, settings)]


def own_addresses(settings: Settings, boxes: tuple[MailboxSettings, ...]) -> frozenset[str]:
    """Return the addresses at which the counter receives mail."""
    own = {settings.mail_address.lower()} if settings.mail_address else set[str]()
    return frozenset(own.union(*(box.addresses for box in boxes)))


def _only_source(settings: Settings) -> Source:
    assert settings.imap_host is not None
    assert settings.imap_user is not None
    assert settings.imap_password is not None
    account = Account(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=settings.imap_password,
        tls=None if settings.imap_tls is Tls.OFF else ssl.create_default_context(),
        starts_in_clear=settings.imap_tls is Tls.STARTTLS,
    )
    folders = Folders(inbox=settings.imap_folder)
    return Source(account, settings.intake_office, folders, servers=own_servers_of(settings))


def own_servers_of(settings: Settings, box: MailboxSettings | None = None) -> OwnServers:
    """Return the mail servers whose word counts in a mailbox: its own or, where it says nothing, those of all."""
    ids = settings.authserv_ids if box is None or box.authserv_ids is None else box.authserv_ids
    names = settings.mail_servers if box is None or box.mail_servers is None else box.mail_servers
    return OwnServers(frozenset(ids), frozenset(names))


def servers_of_unread(settings: Settings) -> OwnServers:
    """Return whose word counts of a mail that could not be read when it came; nobody's, if mailboxes may differ."""
    return own_servers_of(settings) if settings.mailboxes is None else NO_SERVERS


def _sources(box: MailboxSettings, settings: Settings) -> list[Source]:
    account = _account(box)
    is_one = len(box.folders) == 1
    return [
        Source(
            account,
            office,
            Folders(folder, box.archive, box.quarantine),
            name=box.name if is_one else f"{box.name}/{place}",
            servers=own_servers_of(settings, box),
        )
        for place, (folder, office) in enumerate(box.folders.items(), start=1)
    ]


def _account(box: MailboxSettings) -> Account:
    return Account(
        host=box.host,
        port=box.port,
        user=box.user,
        password=box.password or "",
        tls=None if box.tls is Tls.OFF else ssl.create_default_context(cafile=box.ca_file),
        starts_in_clear=box.tls is Tls.STARTTLS,
        beat_seconds=box.beat_seconds,
        mechanism=Mechanism(box.sign_in) if box.sign_in in set(Mechanism) else Mechanism.AUTO,
        tokens=_tokens(box),
    )


def _tokens(box: MailboxSettings) -> Tokens | None:
    if box.oauth2 is None:
        return None
    told = box.oauth2
    return Tokens(
        Client(
            url=told.token_url,
            grant=Grant(told.grant),
            client_id=told.client_id,
            client_secret=told.client_secret,
            refresh_token=told.refresh_token,
            scope=told.scope,
        )
    )
