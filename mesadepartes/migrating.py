"""Runs the migrations as Tortoise does, without building every model anew before each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise import Tortoise
from tortoise.connection import ConnectionHandler, get_connection
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

if TYPE_CHECKING:
    from tortoise.migrations.graph import MigrationKey
    from tortoise.migrations.schema_generator.state import ModelState

APP, CONNECTION, NEWEST = "mesa", "default", "__latest__"


class Snapshot(StateApps):
    """The models as they were before a step, built if the step asks for them; most ask only for those of after it."""

    def __init__(self, states: dict[tuple[str, str], ModelState]) -> None:
        self._states = states

    def __getattr__(self, name: str) -> Any:
        """Build the models at the first look at anything of them."""
        if name.startswith("__") or name == "_states":
            raise AttributeError(name)
        self.__dict__ |= vars(nothing_yet().clone(self._states))
        return self.__dict__[name]


class History(State):
    """What the migrations so far have made of the models."""

    def clone(self) -> State:
        """Return the models as they are now: their descriptions, of which the next step changes none that is here."""
        states = {key: model.clone() for key, model in self.models.items()}
        return State(models=states, apps=Snapshot(states))


def nothing_yet() -> StateApps:
    """Return no models. Without a database of their own: the steps run no queries on them, only on the schema."""
    return StateApps({APP: CONNECTION}, ConnectionHandler())


class Executor(MigrationExecutor):
    """Tortoise's, with a history that is cheap to remember."""

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        history = History(models={}, apps=nothing_yet())
        for key in self._full_plan():
            if key == upto:
                break
            if key in applied and (migration := self.loader.graph.nodes[key]):
                await migration.apply(history, dry_run=True)
        return history


async def run_migrations(config: dict[str, Any], *, target: str = NEWEST) -> None:
    """Bring a database that nobody else migrates up to the migration *target*; connects, and leaves it connected."""
    await Tortoise.init(config=config, init_connections=False)
    executor = Executor(get_connection(CONNECTION), config["apps"])
    await executor.migrate([MigrationTarget(APP, target)])
