"""What is kept about people, for how long, and the closing of an account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from actions import closures, retention
from models.retention import RetentionVersion
from rules.access import Role
from rules.kept_kinds import RetentionKind
from rules.throttling import Client
from tests.counter import PASSWORD
from tests.matrix.accounts import draft
from tests.matrix.asking import Fields, http, mutation, nothing, query
from tests.matrix.world import NO_ID, Thing

if TYPE_CHECKING:
    from tests.matrix.world import Person, World


@query("personalData")
def _(_it: Thing) -> str:
    return " { kinds { kind } }"


@query("keptThings", about=draft)
def _(_it: Thing) -> str:
    return "(kind: DRAFTS) { edges { node { facts { value } } } }"


@http("GET", "/personal-data", about=nothing)
def _(_it: Thing) -> str:
    return ""


async def closing(world: World, person: Person, _relation: int) -> Thing:
    """Return nothing in particular, of an applicant who has asked to close their account."""
    if person.role is Role.APPLICANT:
        await closures.request_closure(world.counter.tools, person.viewer, PASSWORD, client=Client())
    return Thing(NO_ID)


async def changed(world: World, person: Person, relation: int) -> Thing:
    """Return nothing in particular, after somebody has changed a period."""
    days = 800 + await RetentionVersion.all().count()
    manager = replace(world.colleague, role=Role.ADMINISTRATOR)
    await retention.set_period(world.counter.tools, manager, RetentionKind.NOTICES, days=days)
    return await nothing(world, person, relation)


@query("accountClosure", about=closing, is_alone=True)
def _(_it: Thing) -> str:
    return " { state }"


@mutation("stopAccountClosure", about=closing, has_input=False, is_alone=True)
def _(_it: Thing) -> Fields:
    return {}


@query("retentionVersions", about=changed)
def _(_it: Thing) -> str:
    return " { version }"


@query("retention")
def _(_it: Thing) -> str:
    return " { isApplied }"


@query("retentionPreview")
def _(_it: Thing) -> str:
    return " { kind }"


@mutation("setRetentionPeriod")
def _(_it: Thing) -> Fields:
    return {"kind": "NOTICES", "days": 700}


@mutation("switchErasing")
def _(_it: Thing) -> Fields:
    return {"isApplied": True}


@mutation("requestAccountClosure", is_alone=True)
def _(_it: Thing) -> Fields:
    return {"currentPassword": PASSWORD}
