"""`mesadepartes check-settings`."""

from __future__ import annotations

import click

from mesadepartes.commands.environment import settings_for
from mesadepartes.settings import Part, variables


@click.command("check-settings")
@click.argument("parts", nargs=-1, type=click.Choice([each.value for each in Part]))
def command(parts: tuple[str, ...]) -> None:
    """Say whether the environment is complete and right for PARTS (all, when none is named)."""
    settings = settings_for(*(Part(each) for each in parts or tuple(Part)))
    for name, variable in variables().items():
        value = getattr(settings, name)
        click.echo(f"{variable.name}={'(set)' if variable.is_secret and value else _shown(value)}")


def _shown(value: object) -> str:
    return (
        ""
        if value is None
        else {True: "yes", False: "no"}.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
    )
