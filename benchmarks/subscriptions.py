"""
What it takes to follow the feed: one event to thousands, memory, a client that takes nothing, and a server that dies.

Each is measured on one web part, with the clients in a process of their own, beside a WebSocket server by hand or a
bare LISTEN of the same run. With --scale 0.1 there are a tenth of the clients and events; --parts says what of it all.
"""

from __future__ import annotations

import resource
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from benchmarks.figures import parser, run
from benchmarks.ground import prepared
from benchmarks.subscriptions_ground import World
from benchmarks.subscriptions_speed import by_time, to_many
from benchmarks.subscriptions_trouble import behind_others, killed, one_stalled
from mesadepartes.clock import now
from models.people import Session, User
from rules.access import Role
from rules.sessions import token_hash

if TYPE_CHECKING:
    import argparse

    from benchmarks.figures import Figure
    from benchmarks.ground import Ground

SOCKETS_EACH = 10
"""Half of what one may have: those of who has just left may still be there."""
MANY, FEW = 5_000, 200
PARTS = {"many": to_many, "stalled": one_stalled, "rate": by_time, "killed": killed, "behind": behind_others}


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Measure what was asked for."""
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    scale: float = arguments.scale
    async with prepared() as ground:
        tramites = [await ground.counter.file(await ground.counter.register()) for _ in range(4)]
        many = max(20, int(MANY * scale))
        tokens = await _tokens(ground, -(-max(many, FEW) // SOCKETS_EACH))
        world = World(ground, tramites, tokens, many, max(10, int(FEW * scale)))
        return [figure for name in arguments.parts for figure in await PARTS[name](world, scale)]


async def _tokens(ground: Ground, count: int) -> list[str]:
    """Return the tokens of so many supervisors: nobody may have as many sockets as are needed."""
    pattern = await User.get(id=(await ground.counter.register(role=Role.SUPERVISOR)).user_id)
    columns = {name: getattr(pattern, name) for name in User._meta.db_fields}  # pyright: ignore[reportPrivateUsage]
    tokens = list[str]()
    for place in range(count):
        own = {"id": uuid4(), "identity_number": f"9{place:07}", "email": f"supervisor{place}@example.pe"}
        user = await User.create(**{**columns, **own})  # pyright: ignore[reportArgumentType]
        tokens.append(secrets.token_urlsafe(32))
        await Session.create(
            token_hash=token_hash(tokens[-1]),
            user=user,
            created_at=now(),
            expires_at=now() + timedelta(hours=12),
            second_factor_at=now(),
        )
    return tokens


def command_line() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = parser(__doc__ or "")
    made.add_argument("--scale", type=float, default=1.0, help="share of the clients and events")
    made.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
