"""Kill the mail intake a thousand times, at every step and at random, in a failing world: nothing lost or doubled."""

from __future__ import annotations

import random
import tempfile
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, parser, run
from mesadepartes.database import migrate
from mesadepartes.embedded.postgres import LocalPostgres
from tests.crash.lives import Midwife, Mistake
from tests.crash.plans import FINDING_OUT, at_every_step, at_random, in_a_failing_world
from tests.crash.steps import STEPS
from tests.crash.verdict import Harm
from tests.crash.world import World, opened_world
from tests.servers.dovecot import Dovecot

if TYPE_CHECKING:
    import argparse


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Let as many workers live and be killed as asked for, then count what harm was done."""
    with tempfile.TemporaryDirectory(prefix="mesa-intake-kills-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres, dovecot = LocalPostgres(folder / "postgres"), Dovecot(folder / "dovecot")
        midwife = Midwife(folder / "midwife.log")
        await dovecot.start()
        try:
            await postgres.start()
            await migrate(postgres.owner_url)
            mistake = Mistake(arguments.mistake) if arguments.mistake else None
            (folder / "work").mkdir()
            world = World(
                folder / "work",
                dovecot.new_account(),
                midwife=midwife,
                server=postgres,
                owner_url=postgres.owner_url,
                mistake=mistake,
            )
            async with opened_world(world, postgres.web_url):
                return await _kill(world, random.Random(arguments.seed), arguments.kills)
        finally:
            midwife.close()
            await postgres.stop()
            await dovecot.stop()


async def _kill(world: World, chance: random.Random, kills: int) -> list[Figure]:
    scripted = list(chain(at_every_step(), in_a_failing_world(), *FINDING_OUT.values()))[:kills]
    await world.take(scripted)
    await world.take(at_random(chance, lives=max(0, kills - world.lives)))
    killed, deaths = world.lives, world.deaths
    found = await world.end()
    steps = {death.split()[0] for death in deaths} & set(STEPS)
    at_steps = sum(count for death, count in deaths.items() if death.split()[0] in STEPS)
    harms = [Figure(f"harm done: {harm.lower()}", found[harm], "cases", "0", not found[harm]) for harm in Harm]
    return [
        Figure("workers killed", killed, "kills", f">= {kills}", killed >= kills),
        Figure("killed, stopped or out of disk at a step", at_steps, "times"),
        Figure("steps at which it happened", len(steps), "steps", f"{len(STEPS)}", len(steps) == len(STEPS)),
        Figure("IMAP cut inside a message", world.cuts, "times"),
        Figure("mails delivered", world.letters.delivered.total(), "mails"),
        *harms,
    ]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--kills", type=int, default=1000)
    command_line.add_argument("--seed", type=int, default=5)
    command_line.add_argument("--mistake", choices=list(Mistake), help="put in a known mistake: harm must be found")
    run(command_line.parse_args(), measure)
