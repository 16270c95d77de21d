"""The command line. Each command is imported only when it is called: starting must be quick."""

from __future__ import annotations

from importlib import import_module

import click

from mesadepartes.lifetime import die_with

COMMANDS = {
    "run": "Start the whole counter on this machine, on embedded defaults.",
    "web": "Serve GraphQL, uploads and downloads.",
    "intake": "Take in mail: intake run; compare what was taken in: intake audit.",
    "ingest": "Take in one mail from a file: ingest FILE.eml.",
    "delivery": "Send mail: delivery run.",
    "rounds": "Do what the counter does by itself now and then: rounds run.",
    "migrate": "Bring the database's schema up to date.",
    "seed": "Put the nine offices into the database.",
    "ruc": "Load SUNAT's published register of taxpayers: ruc import FILE.",
    "calendar": "Show the legal calendar, and change it from a day on: calendar show.",
    "retention": "Say or erase what is past the time for which it is kept: retention --dry-run.",
    "prove": "Solve a security check and print the proof, for programs that sign in.",
    "code": "Print the code of now of a second factor, from its seed.",
    "watch": "Follow the status changes of a counter as JSON lines: watch URL --cursor FILE.",
    "staff": "Make an administrator at this machine: staff create-administrator.",
    "service-token": "Make, list and revoke the tokens by which programs read: service-token create NAME.",
    "mail": "Hand a message (FILE.eml) to the development mail server.",
    "store": "Copy all files to another store, or encrypt them anew: store copy --to s3://bucket.",
    "verify": "Recompute the register and compare everything with it.",
    "verify-receipt": "Check a receipt offline, by its own files: verify-receipt FILE.pdf.",
    "sdl": "Print the GraphQL schema.",
    "operations": "Hold the operations of the pages to the schema, and write what follows from them.",
    "check-settings": "Say whether the environment is complete and right.",
    "mail-server": "Start only the development mail server.",
    "prepare": "What `run` does to the database before it starts the parts.",
}
HIDDEN = ("mail-server", "prepare")


class LazyGroup(click.Group):
    """A group whose commands live in modules of `mesadepartes.commands`, each named as its command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names that are shown."""
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mesadepartes.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _say_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(version("mesa-de-partes-digital"))
    except PackageNotFoundError:
        click.echo("run from a clone, not installed")
    context.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--with-parent", type=int, hidden=True, help="Die with the process of this id.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version, help="Say the version."
)
def main(with_parent: int | None) -> None:
    """Mesa de Partes Digital: a digital filing counter. All settings are environment variables (MESA_...)."""
    if with_parent is not None:
        die_with(with_parent)
