"""The file of mailboxes (TOML): which accounts are read, how, and to which office each folder files."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from mesadepartes.setting_values import Tls, is_server_name
from mesadepartes.variables import WrongSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MAILBOXES: Final = 100
LONGEST_FILE: Final = 256 * 1024

GRANTS: Final = ("client_credentials", "refresh_token")
SIGN_INS: Final = ("auto", "login", "plain", "oauth2")


@dataclass(frozen=True)
class OAuthSettings:
    """Where access tokens come from."""

    token_url: str
    grant: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None


@dataclass(frozen=True)
class MailboxSettings:
    """One account of the file. `folders` says for each folder that is read the code of its office."""

    name: str
    host: str
    port: int
    tls: Tls
    user: str
    sign_in: str
    folders: Mapping[str, str]
    archive: str
    quarantine: str
    password: str | None = field(default=None, repr=False)
    oauth2: OAuthSettings | None = None
    ca_file: str | None = None
    beat_seconds: float | None = None
    addresses: tuple[str, ...] = ()
    authserv_ids: tuple[str, ...] | None = None
    mail_servers: tuple[str, ...] | None = None


class _Table:
    """A table of the file: what is asked of it, and what is wrong with it."""

    def __init__(self, values: object, where: str, mistakes: list[str], environ: Mapping[str, str]) -> None:
        self._values: dict[str, Any] = dict(values) if isinstance(values, dict) else {}
        self._where = where
        self._mistakes = mistakes
        self._environ = environ
        if not isinstance(values, dict):
            self.blame("must be a table")

    def blame(self, sentence: str, key: str | None = None) -> None:
        self._mistakes.append(f"{self._where}{f'.{key}' if key else ''} {sentence}")

    def take(self, key: str, default: Any = None) -> Any:
        return self._values.pop(key, default)

    def sub(self, key: str) -> _Table:
        return _Table(self.take(key), f"{self._where}.{key}", self._mistakes, self._environ)

    def text(self, key: str, default: str | None = None, *, needed: bool = True) -> str:
        value = self.take(key, default)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value or not value.isprintable() or len(value) > 500:
            self.blame("must be one line of at most 500 characters" if value is not None else "is missing", key)
            return ""
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.take(key, default)
        if value not in choices:
            self.blame(f"must be one of {', '.join(choices)}", key)
            return choices[0]
        return str(value)

    def number(self, key: str, default: float | None, least: float, most: float) -> float | None:
        value = self.take(key, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.blame(f"must be a number from {least:g} to {most:g}", key)
            return default
        return value

    def secret(self, key: str, *, needed: bool) -> str | None:
        """Read a secret from the file or the environment variable that `<key>_file` or `<key>_env` names."""
        if self.take(key) is not None:
            self.blame(f"must not stand in this file; name a file by {key}_file or a variable by {key}_env", key)
        path, variable = self.take(f"{key}_file"), self.take(f"{key}_env")
        if (path is None) == (variable is None):
            if needed or path is not None:
                self.blame(f"must be named once: by {key}_file or by {key}_env", key)
            return None
        value = self._from_file(key, path) if path is not None else self._environ.get(str(variable))
        if value is not None and (not value or not value.isprintable()):
            self.blame("must be one line", key)
        elif value is None and variable is not None:
            self.blame("names a variable that is not set", f"{key}_env")
        return value

    def _from_file(self, key: str, path: object) -> str | None:
        try:
            return Path(str(path)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            self.blame(f"cannot be read: {type(error).__name__}", f"{key}_file")
            return None

    def end(self) -> None:
        for key in sorted(self._values):
            self.blame("is no setting of a mailbox; is it misspelt?", key)


def read_mailboxes(path: str, environ: Mapping[str, str]) -> tuple[MailboxSettings, ...]:
    """
    Return the accounts of the file, with their secrets.

    Raises:
        WrongSettings: with every mistake at once; names and reasons, never the value of a secret.
    """
    mistakes: list[str] = []
    found = [_mailbox(_Table(each, where, mistakes, environ)) for where, each in _entries(path, mistakes)]
    mistakes += _doubled([box.name for box in found], "name")
    mistakes += _doubled([f"{box.user} {folder}" for box in found for folder in box.folders], "folder of an account")
    mistakes += _mistakes_of_accounts(found)
    if mistakes:
        raise WrongSettings([f"MESA_MAILBOXES: {each}" for each in mistakes])
    return tuple(found)


def _entries(path: str, mistakes: list[str]) -> list[tuple[str, object]]:
    try:
        content = Path(path).read_bytes()
        if len(content) > LONGEST_FILE:
            raise ValueError("too long")
        tables = tomllib.loads(content.decode())
    except (OSError, ValueError, RecursionError) as error:
        mistakes.append(f"must name a file of TOML that can be read: {type(error).__name__}")
        return []
    entries = tables.pop("mailbox", None)
    mistakes.extend(f"{key} is no setting; only [[mailbox]] is" for key in sorted(tables))
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_MAILBOXES:
        mistakes.append(f"must have from 1 to {MOST_MAILBOXES} tables [[mailbox]]")
        return []
    return [(f"mailbox {place}", each) for place, each in enumerate(entries, start=1)]


def _mailbox(table: _Table) -> MailboxSettings:
    name = table.text("name")
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", name, re.ASCII):
        table.blame("must be small letters, digits and hyphens, at most 40", "name")
    sign_in = table.choice("sign_in", SIGN_INS, "auto")
    tls = Tls(table.choice("tls", tuple(Tls), "implicit"))
    oauth2 = _oauth2(table) if sign_in == "oauth2" else None
    user = table.text("user")
    mailbox = MailboxSettings(
        name=name,
        host=table.text("host"),
        port=int(table.number("port", 993 if tls is Tls.IMPLICIT else 143, 1, 65535) or 0),
        tls=tls,
        user=user,
        sign_in=sign_in,
        folders=_folders(table),
        archive=table.text("archive", "Procesados"),
        quarantine=table.text("quarantine", "Cuarentena"),
        password=None if sign_in == "oauth2" else table.secret("password", needed=True),
        oauth2=oauth2,
        ca_file=_certificates(table),
        beat_seconds=table.number("beat_seconds", None, 0.05, 60),
        addresses=_addresses(table, user),
        authserv_ids=_servers(table, "authserv_ids"),
        mail_servers=_servers(table, "mail_servers"),
    )
    if {mailbox.archive, mailbox.quarantine} & mailbox.folders.keys():
        table.blame("must not be a folder that is read", "archive or quarantine")
    table.end()
    return mailbox


def _folders(table: _Table) -> Mapping[str, str]:
    folders = table.take("folders")
    if not isinstance(folders, dict) or not folders:
        table.blame('must say which office each folder files to, such as { INBOX = "SEDE-CENTRAL" }', "folders")
        return {}
    for name, office in folders.items():
        if not name.isprintable() or not 0 < len(name) <= 200 or not isinstance(office, str) or not office:
            table.blame("must have names of at most 200 characters, and codes of offices", "folders")
    return {str(name): str(office) for name, office in folders.items()}


def _addresses(table: _Table, user: str) -> tuple[str, ...]:
    addresses = table.take("addresses", [user] if "@" in user else [])
    if not isinstance(addresses, list) or not all(isinstance(each, str) and "@" in each for each in addresses):
        table.blame("must be a list of addresses", "addresses")
        return ()
    return tuple(each.lower() for each in addresses)


def _servers(table: _Table, key: str) -> tuple[str, ...] | None:
    """Return names of our own mail servers; None if nothing is said of them, which is not the same as none."""
    names = table.take(key)
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(each, str) and is_server_name(each.lower()) for each in names):
        table.blame('must be a list of names such as ["mx.example.gob.pe"]', key)
        return ()
    return tuple(each.lower() for each in names)


def _certificates(table: _Table) -> str | None:
    path = table.text("ca_file", needed=False)
    if path and not Path(path).is_file():
        table.blame("names no file", "ca_file")
    return path or None


def _oauth2(table: _Table) -> OAuthSettings:
    inner = table.sub("oauth2")
    grant = inner.choice("grant", GRANTS)
    url = inner.text("token_url")
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.fragment or parts.username):
        inner.blame("must be an address that begins with https://", "token_url")
    settings = OAuthSettings(
        token_url=url,
        grant=grant,
        client_id=inner.text("client_id"),
        client_secret=inner.secret("client_secret", needed=grant == "client_credentials"),
        refresh_token=inner.secret("refresh_token", needed=True) if grant == "refresh_token" else None,
        scope=inner.text("scope", needed=False) or None,
    )
    inner.end()
    return settings


def _doubled(values: list[str], what: str) -> list[str]:
    """Name what stands twice only by its kind: a user may be an address."""
    return [f"two mailboxes have the same {what}"] if len(set(values)) < len(values) else []


def _mistakes_of_accounts(boxes: list[MailboxSettings]) -> list[str]:
    """Tell what would mix up accounts, which the ledger knows by their users, or send mails round in circles."""
    mistakes, pairs = list[str](), list(permutations(boxes, 2))
    if any(one.user.lower() == other.user.lower() and _server(one) != _server(other) for one, other in pairs):
        mistakes.append("two mailboxes have the same user, but not the same host, port and spelling of it")
    if any(one.user == other.user and {one.archive, one.quarantine} & other.folders.keys() for one, other in pairs):
        mistakes.append("a folder that is read is the archive or quarantine of another mailbox of its account")
    return mistakes


def _server(box: MailboxSettings) -> tuple[str, str, int]:
    return box.user, box.host.lower(), box.port
