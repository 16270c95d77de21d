"""The folder of one embedded PostgreSQL: its data, secrets, log, socket folder, and who holds it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from mesadepartes.embedded.disk import sync_folder, write_private
from mesadepartes.embedded.keeper import Servant
from mesadepartes.embedded.postgres_binaries import can_pass

SUPERUSER, OWNER, WEB = "postgres", "mesa_owner", "mesa_web"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # sun_path of Linux is 108 bytes with its final NUL; macOS has 104
LOG_KEPT_BYTES = 8 * 1024 * 1024


class FolderInUse(RuntimeError):
    """Another server, or the launcher of one, holds this folder."""


class PasswordsMissing(RuntimeError):
    """There is data, but the file with the passwords to it is gone."""


class PostgresFolder:
    """Paths and small files of one embedded server. Every method may block on the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.data = self.root / "data"
        self.draft = self.root / "data.new"
        self.log = self.root / "postgres.log"
        self._secrets = self.root / "passwords.json"
        self._lock: BinaryIO | None = None
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.servant = Servant(account.pw_uid, account.pw_gid)
        # Shown in the command line of the server and of each of its processes: how `processes` knows them.
        self.cluster_name = "mesa-" + hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]

    @property
    def is_reachable(self) -> bool:
        """False when root's server runs as `nobody` and cannot walk to the folder, as below a /root of mode 0700."""
        return can_pass(self.data, self.servant.uid)

    def data_argument(self, data: Path) -> str:
        """
        Return what to tell a program that is started inside *data*.

        A folder that the server's user cannot walk to is named by the process's own working directory, which the
        launcher, still root, has set. So nothing above it need be opened to others.
        """
        return str(data) if self.is_reachable else "/proc/self/cwd"

    def hold(self) -> None:
        """
        Make the folder and keep others out while this process lives.

        Raises:
            FolderInUse: another launcher holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = (self.root / "lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise FolderInUse(
                f"Another process already runs PostgreSQL on {self.root}. Stop that one first."
            ) from error
        self._lock = lock

    def let_go(self) -> None:
        """Allow others in again."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def make_draft(self) -> Path:
        """Return an empty folder for initdb, without the rest of one that was cut short."""
        shutil.rmtree(self.draft, ignore_errors=True)
        self._make_private(self.draft)
        return self.draft

    def accept_draft(self) -> None:
        """Make the finished draft the data. A rename, so that there is never half a cluster in its place."""
        self.draft.rename(self.data)
        sync_folder(self.root)

    def passwords(self) -> dict[str, str]:
        """
        Return the password of each login, made up and stored (mode 0600) before the data is made.

        Raises:
            PasswordsMissing: the file is gone, the data is not.
        """
        names = (SUPERUSER, OWNER, WEB)
        if not self._secrets.exists() and self.data.exists():
            raise PasswordsMissing(
                f"{self._secrets} is missing, and without it nobody can open {self.data}. Restore that file; "
                f"if it is only trial data, delete {self.root} and start again."
            )
        if not self._secrets.exists():
            write_private(self._secrets, json.dumps({name: secrets.token_urlsafe(24) for name in names}).encode())
            sync_folder(self.root)
        stored: dict[str, str] = json.loads(self._secrets.read_text(encoding="utf-8"))
        return {name: stored[name] for name in names}

    def runtime(self) -> Path:
        """
        Return the private folder for the socket: `run`, or one in /tmp that `run` points to.

        In /tmp when the path would not fit in a socket's address, or the server's user cannot walk to it.
        """
        run = self.root / "run"
        if self.is_reachable and len(os.fsencode(run / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            if run.is_symlink():
                run.unlink()
            self._make_private(run)
            return run
        return self._runtime_elsewhere(run)

    def _runtime_elsewhere(self, run: Path) -> Path:
        if run.is_symlink() and self._is_private(run.readlink()):
            return run.readlink()
        if run.is_symlink():
            run.unlink()
        elif run.exists():
            shutil.rmtree(run)
        folder = Path(tempfile.mkdtemp(prefix="mesa-", dir="/tmp"))
        self._make_private(folder)
        run.symlink_to(folder)
        return folder

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        if os.geteuid() == 0:
            os.chown(folder, self.servant.uid, self.servant.gid)

    def _is_private(self, folder: Path) -> bool:
        # Somebody else may have put the folder there while /tmp was being cleaned.
        if folder.is_symlink() or not folder.is_dir():
            return False
        status = folder.stat()
        return status.st_uid == self.servant.uid and status.st_mode & 0o777 == 0o700

    def processes(self) -> list[int]:
        """Ids of living processes of this cluster's server, whoever started it; a zombie does not live."""
        mark = self.cluster_name.encode()
        return [pid for pid, command in command_lines() if mark in command]

    def remove_stale_pid_file(self) -> None:
        """
        Remove a pid file whose id now belongs to something else. Call only when `processes` is empty.

        PostgreSQL itself discards the file of a dead process, and takes a zombie or an unrelated process for a server.
        """
        path = self.data / "postmaster.pid"
        try:
            pid = int(path.read_text(encoding="utf-8").splitlines()[0])
        except FileNotFoundError:
            return
        except (ValueError, IndexError):
            pid = 0  # cut short by a power failure
        if pid == 0 or Path("/proc", str(pid)).exists():
            path.unlink()

    def open_log(self) -> BinaryIO:
        """Open the log to append to it; what has grown too long is put aside first."""
        if self.log.exists() and self.log.stat().st_size > LOG_KEPT_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        return self.log.open("ab")

    def server_status(self, pid: int) -> str:
        """Return the status that server *pid* declares in its pid file (`starting`, `ready`, `stopping`), else ''."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return ""
        return lines[7].strip() if len(lines) > 7 and lines[0] == str(pid) else ""


def command_lines() -> Iterator[tuple[int, bytes]]:
    """Yield the id and the command line of every process; that of a zombie is empty."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield int(path.parent.name), path.read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
