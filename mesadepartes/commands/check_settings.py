"""`mesadepartes check-settings`."""

from __future__ import annotations

import click

from mesadepartes.commands.environment import mailboxes_for, run_on_database, seal_for, settings_for
from mesadepartes.python_faults import find_faults
from mesadepartes.settings import Settings, variables
from mesadepartes.variables import Part, Variable


@click.command("check-settings")
@click.argument("parts", nargs=-1, type=click.Choice([each.value for each in Part]))
@click.option("--database", "asks_database", is_flag=True, help="Also ask the database whether its login is fit.")
@click.option("--table", is_flag=True, help="Print the table of all settings, as in docs/settings.md.")
def command(parts: tuple[str, ...], *, asks_database: bool, table: bool) -> None:
    """Say whether the environment is complete and right for PARTS (all, when none is named)."""
    if table:
        click.echo(settings_table(), nl=False)
        return
    settings = settings_for(*(Part(each) for each in parts or tuple(Part)))
    for name, variable in variables().items():
        value = getattr(settings, name)
        click.echo(f"{variable.name}={_shown(value, is_secret=variable.is_secret)}")
    for box in mailboxes_for(settings):
        click.echo(f"MESA_MAILBOXES {box.name}: {len(box.folders)} folders, signs in by {box.sign_in}")
    if seal := seal_for(settings):
        click.echo(f"The seal is that of {seal.facts.holder}, by {seal.facts.issuer}, until {seal.valid_until.date()}")
    for fault in find_faults():
        click.echo(fault, err=True)
    check_antivirus(settings)
    if asks_database:
        run_on_database(_check_login(settings))


def check_antivirus(settings: Settings) -> None:
    """Ask the antivirus, if there is one, and say what is not as it should be; that is no mistake of the settings."""
    from files.antivirus_probes import faults_of
    from mesadepartes.antivirus import clamd_of

    clamd = clamd_of(settings)
    if clamd is None:
        return
    faults = faults_of(clamd)
    for fault in faults:
        click.echo(f"MESA_CLAMD: {fault}", err=True)
    if not faults:
        click.echo("The antivirus answers, and says what it must.")


async def _check_login(settings: Settings) -> None:
    from mesadepartes.database import connected
    from mesadepartes.fitness import check_login

    if settings.database_url is None:
        raise click.UsageError("Say which database: MESA_DATABASE_URL.")
    async with connected(settings.database_url, pool_size=1):
        await check_login()
    click.echo("The database login is fit for the parts.")


def _shown(value: object, *, is_secret: bool) -> str:
    if value is None:
        return ""
    if is_secret:
        return "(set)"
    if isinstance(value, dict):
        return f"({len(value)})"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def settings_table() -> str:
    """Return the table of all settings in Markdown."""
    rows = [("Variable", "Default", "Needed by", "Meaning"), ("---",) * 4, *map(_row, variables().values())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(variable: Variable) -> tuple[str, str, str, str]:
    name = f"`{variable.name}`" + (f" or `{variable.file_name}`" if variable.is_secret else "")
    default = f"`{variable.default}`" if variable.default is not None else ""
    return name, default, ", ".join(sorted(variable.needed_by)), variable.meaning
