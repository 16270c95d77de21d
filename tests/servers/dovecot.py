"""A private Dovecot (2.3, as Debian 12 has it): the IMAP server that institutions really run."""

from __future__ import annotations

import asyncio
import grp
import imaplib
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mesadepartes.embedded.keeper import Kept, Servant, until

HOST = "127.0.0.1"
PATIENCE = timedelta(seconds=60)
PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
IMAP_PROGRAM = Path("/usr/lib/dovecot/imap")
PASSWORD = "clave-de-prueba"
CERTIFICATE = Path(__file__).parents[1] / "data" / "mail" / "localhost.pem"
"""For `localhost`, signed by itself, with its key."""

TLS = """ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}"""

FOLDERS = ("Procesados", "Cuarentena")
CONFIGURATION = """
protocols = imap
listen = {host}
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
{tls}
disable_plaintext_auth = no
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
mail_location = maildir:{root}/mail/%u
mail_fsync = never
mailbox_list_index = no
# Any user exists. A passwd-file would be read again only in another second than the last time.
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  {mailboxes}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
"""


def why_missing() -> str | None:
    """Return what to install when this machine has no Dovecot."""
    if PROGRAM and IMAP_PROGRAM.exists():
        return None
    return "Dovecot is missing: apt-get install dovecot-imapd"


@dataclass(frozen=True)
class StoredMail:
    """A mail as the server has it."""

    uid: int
    flags: frozenset[str]
    internal_date: datetime
    content: bytes


class Dovecot:
    """The server. Runs as root, with mail of `nobody`, or as an ordinary user with mail of that user."""

    def __init__(self, root: Path, *, has_tls: bool = False) -> None:
        self.root = root
        self.port = free_port()
        self.tls_port = free_port() if has_tls else 0
        self._process: Kept | None = None
        self._numbers = itertools.count(1)
        self.servant = mail_user()

    async def start(self) -> None:
        """Start, with the accounts and mails of before."""
        for name in ("run", "state", "mail"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        os.chown(self.root / "mail", self.servant.uid, self.servant.gid)
        configuration = self.root / "dovecot.conf"
        configuration.write_text(self._configuration(), encoding="utf-8")
        ourselves = Servant(os.geteuid(), os.getegid())
        with (self.root / "dovecot.out").open("ab") as output:
            command = [PROGRAM or "dovecot", "-F", "-c", str(configuration)]
            self._process = process = Kept(command, servant=ourselves, cwd=self.root, output=output)
        await until(lambda: process.has_ended or answers(self.port), PATIENCE)
        if process.has_ended or not answers(self.port):
            output = (self.root / "dovecot.out").read_text() + (self.root / "dovecot.log").read_text()
            raise RuntimeError(f"Dovecot does not serve: {output[-2000:]}")

    async def stop(self) -> None:
        """End, cutting all connections."""
        if self._process:
            self._process.send(signal.SIGINT)
            assert await self._process.end(PATIENCE), "Dovecot does not end"

    async def restart(self) -> None:
        """Stop and start on the same port."""
        await self.stop()
        await self.start()

    def new_account(self) -> Account:
        """Make an account without mail, of whose folders `FOLDERS` exist."""
        return Account(self, f"intake{next(self._numbers)}@muni.example", PASSWORD)

    def _configuration(self) -> str:
        is_root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        return CONFIGURATION.format(
            host=HOST,
            root=self.root,
            password=PASSWORD,
            port=self.port,
            tls_port=self.tls_port,
            tls=TLS.format(certificate=CERTIFICATE) if self.tls_port else "ssl = no",
            uid=self.servant.uid,
            gid=self.servant.gid,
            internal_user="dovecot" if is_root else me.pw_name,
            internal_group="dovecot" if is_root else grp.getgrgid(me.pw_gid).gr_name,
            login_user="dovenull" if is_root else me.pw_name,
            chroot="" if is_root else "chroot =",
            mailboxes="\n  ".join(f"mailbox {name} {{\n    auto = create\n  }}" for name in FOLDERS),
        )


@dataclass(frozen=True)
class Account:
    """One account of the server."""

    server: Dovecot
    user: str
    password: str
    host: str = HOST

    @property
    def port(self) -> int:
        """Where the server listens."""
        return self.server.port

    async def deliver(self, content: bytes, *, internal_date: datetime | None = None, folder: str = "INBOX") -> int:
        """Put a mail in, byte by byte, and return its UID."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        await reader.readline()
        date = f'"{internal_date:%d-%b-%Y %H:%M:%S %z}" ' if internal_date else ""
        writer.write(f'a LOGIN "{self.user}" "{self.password}"\r\n'.encode())
        writer.write(f'b APPEND "{folder}" {date}{{{len(content)}+}}\r\n'.encode() + content + b"\r\n")
        await writer.drain()
        while not (line := await reader.readline()).startswith(b"b "):
            assert line, "Dovecot hung up"
        writer.close()
        await writer.wait_closed()
        found = re.search(rb"APPENDUID \d+ (\d+)", line)
        assert found, line
        return int(found[1])

    async def copy_all(self, folder: str, to: str) -> None:
        """Put a copy of all that a folder holds into another, at once."""
        await asyncio.to_thread(self._copy_all, folder, to)

    async def folders(self) -> set[str]:
        """Return the names of all folders."""
        return await asyncio.to_thread(self._folders)

    async def mails(self, folder: str = "INBOX") -> list[StoredMail]:
        """Return what a folder holds, by UID."""
        return await asyncio.to_thread(self._mails, folder)

    async def uid_validity(self, folder: str = "INBOX") -> int:
        """Return the UIDVALIDITY of a folder."""
        return await asyncio.to_thread(self._uid_validity, folder)

    async def change_uid_validity(self, folder: str = "INBOX") -> None:
        """Give a folder another UIDVALIDITY and its mails other UIDs, from 1, as after a restored backup."""
        before = await self.uid_validity(folder)
        await self.server.stop()
        home = self.server.root / "mail" / self.user
        maildir = home if folder == "INBOX" else home / f".{folder}"
        for path in maildir.glob("dovecot.index*"):
            path.unlink()
        (maildir / "dovecot-uidlist").write_text(f"3 V{before + 1} N1\n", encoding="ascii")
        await self.server.start()

    @contextmanager
    def _signed_in(self) -> Generator[imaplib.IMAP4]:
        with imaplib.IMAP4(self.host, self.port, timeout=PATIENCE.total_seconds()) as client:
            client.login(self.user, self.password)
            yield client

    def _copy_all(self, folder: str, to: str) -> None:
        with self._signed_in() as client:
            client.select(folder, readonly=True)
            done, _ = client.copy("1:*", to)
            assert done == "OK", to

    def _folders(self) -> set[str]:
        with self._signed_in() as client:
            lines = client.list()[1]
        return {line.decode().rpartition(" ")[2].strip('"') for line in lines if isinstance(line, bytes)}

    def _uid_validity(self, folder: str) -> int:
        with self._signed_in() as client:
            [line] = client.status(folder, "(UIDVALIDITY)")[1]
        return int(line.split()[-1].rstrip(b")"))

    def _mails(self, folder: str) -> list[StoredMail]:
        with self._signed_in() as client:
            client.select(folder, readonly=True)
            uids = client.uid("search", "ALL")[1][0].split()
            return [self._mail(client, int(uid)) for uid in uids]

    def _mail(self, client: imaplib.IMAP4, uid: int) -> StoredMail:
        data = client.uid("fetch", str(uid), "(FLAGS INTERNALDATE BODY.PEEK[])")[1]
        head, content = data[0]
        date = re.search(rb'INTERNALDATE "([^"]*)"', head)
        assert date, head
        return StoredMail(
            uid=uid,
            flags=frozenset(flag.decode() for flag in imaplib.ParseFlags(head)) - {"\\Recent"},
            internal_date=datetime.strptime(date[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC),
            content=content,
        )


def mail_user() -> Servant:
    """Return who owns the mail: Dovecot refuses to read mail as root."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    return Servant(account.pw_uid, account.pw_gid)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    """Tell whether an IMAP server greets on *port*."""
    try:
        with socket.create_connection((HOST, port), timeout=5) as connection:
            return connection.recv(64).startswith(b"* OK")
    except OSError:
        return False
