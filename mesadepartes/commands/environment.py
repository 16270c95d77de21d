"""What every command does first: read the settings, or say all that is wrong with them and end."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, NoReturn

import click

from mesadepartes.mailboxes import MailboxSettings, read_mailboxes
from mesadepartes.python_faults import warn_of_faults
from mesadepartes.settings import Settings
from mesadepartes.telemetry import log_to_stderr
from mesadepartes.variables import WRONG_SETTINGS_EXIT, Part, WrongSettings

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from files.store import Store
    from seals.seal import Seal


def settings_for(*parts: Part, log_as: str | None = None) -> Settings:
    """Return the settings with all that *parts* need; ends the process with a list of mistakes otherwise."""
    try:
        settings = Settings.from_environ(os.environ, needed=frozenset(parts))
    except WrongSettings as wrong:
        say_mistakes(wrong)
    if log_as is not None:
        log_to_stderr(log_as, settings.log_level)
    return settings


def mailboxes_for(settings: Settings) -> tuple[MailboxSettings, ...]:
    """Return what the file of mailboxes says, nothing without one; ends the process with a list of mistakes."""
    if settings.mailboxes is None:
        return ()
    try:
        return read_mailboxes(settings.mailboxes, os.environ)
    except WrongSettings as wrong:
        say_mistakes(wrong)


def seal_for(settings: Settings) -> Seal | None:
    """Return the seal, None if none is set; ends the process with a list of mistakes."""
    from mesadepartes.clock import now
    from mesadepartes.seal_keys import load_seal

    try:
        seal = load_seal(settings, clock=now)
        if seal and (trouble := seal.trouble(now())):
            raise WrongSettings([f"MESA_SEAL_CERTIFICATE ({settings.seal_certificate}) {trouble}"])
    except WrongSettings as wrong:
        say_mistakes(wrong)
    return seal


def store_for(settings: Settings, address: str | None = None) -> Store:
    """
    Return the store of the settings, or the one at *address*, which must be there already if it is a folder.

    Ends the process with what is wrong: a new folder would look like a store that has lost all.
    """
    from pathlib import Path

    from mesadepartes.setting_values import FOLDER
    from mesadepartes.storing import STORE, store_of

    address = address or settings.store
    folder = settings.data / STORE if address == FOLDER else Path(address)
    if not address.startswith("s3:") and not folder.is_dir():
        raise click.UsageError(f"{folder} is no folder, or not there yet.")
    try:
        return store_of(settings, address)
    except WrongSettings as wrong:
        say_mistakes(wrong)


def say_mistakes(wrong: WrongSettings) -> NoReturn:
    """Say all that is wrong and end the process."""
    click.echo("The settings are not right:\n" + "\n".join(f"  {each}" for each in wrong.mistakes), err=True)
    raise SystemExit(WRONG_SETTINGS_EXIT)


def run_part(work: Coroutine[object, object, None], *, runner: asyncio.Runner | None = None) -> None:
    """Do *work*, the life of a part; what is wrong with the Python that runs it is said first."""
    warn_of_faults()
    _run(work, runner=runner)


def _run(work: Coroutine[object, object, None], *, runner: asyncio.Runner | None = None) -> None:
    """Do *work*; wrong settings, a port that is taken, or a database login that is not fit for it, end the process."""
    from mesadepartes.fitness import UnfitLogin
    from mesadepartes.ground import CannotRun

    try:
        with runner or asyncio.Runner() as open_runner:
            open_runner.run(work)
    except WrongSettings as wrong:
        say_mistakes(wrong)
    except CannotRun as reason:
        raise click.ClickException(str(reason)) from None
    except UnfitLogin as unfit:
        click.echo(str(unfit), err=True)
        raise SystemExit(WRONG_SETTINGS_EXIT) from None


def run_on_database(work: Coroutine[object, object, None]) -> None:
    """Do *work*; a database that cannot be reached or lets us not in is said in one line."""
    import asyncpg

    from actions.transaction import OUTAGES
    from files.store import StoreUnavailable

    try:
        _run(work)
    except StoreUnavailable as error:
        raise click.ClickException(f"The store of files cannot be used: {error.strerror}.") from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise click.ClickException(
            f"This is for the owner of the tables, whose login MESA_OWNER_DATABASE_URL names: {error}."
        ) from None
    except (*OUTAGES, asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise click.ClickException(f"The database cannot be used: {type(error).__name__}: {error}") from None
