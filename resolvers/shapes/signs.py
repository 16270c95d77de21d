"""Signs for the desk as the API shows them; nobody is shown those of what they filed themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading import signs as reading
from resolvers.engine.shapes import Computed, Together
from rules.due import is_due_soon, is_late
from rules.workdays import day_of
from schema import signs as api

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from models import tramites as rows
    from reading.access import Viewer
    from resolvers.context import Scene


def _viewer(scene: Scene) -> Viewer:
    assert scene.viewer is not None, "nobody sees a trámite without signing in"
    return scene.viewer


def _of_others(tramites: Sequence[rows.Tramite], scene: Scene) -> list[rows.Tramite]:
    return [tramite for tramite in tramites if tramite.applicant_id != _viewer(scene).user_id]


async def _signs(tramites: Sequence[rows.Tramite], scene: Scene) -> dict[UUID, api.DeskSigns | None]:
    shown, nothing = _of_others(tramites, scene), dict.fromkeys([tramite.id for tramite in tramites])
    doubts = await reading.folios_doubts_of(shown) if shown else {}
    return nothing | {tramite.id: _sign(tramite, scene, doubts.get(tramite.id)) for tramite in shown}


def _sign(tramite: rows.Tramite, scene: Scene, doubt: str | None) -> api.DeskSigns:
    due, today = reading.due_of(tramite), day_of(scene.now)
    return api.DeskSigns(
        due_on=due,
        is_late=is_late(due, today=today),
        is_due_soon=is_due_soon(due, today=today),
        has_owner=tramite.owner_id is not None,
        is_mine=tramite.owner_id == _viewer(scene).user_id,
        is_missing_something=bool(tramite.missing),
        folios_doubt=doubt,
    )


def _sign_at_once(tramite: Any, scene: Scene) -> api.DeskSigns | None:
    if tramite.applicant_id == _viewer(scene).user_id:
        return None
    return _sign(tramite, scene, reading.folios_doubt(tramite.folios, tramite.files))


def _same_files_at_once(tramite: Any, scene: Scene) -> api.SameFiles | None:
    if tramite.applicant_id == _viewer(scene).user_id:
        return None
    return _elsewhere(reading.elsewhere(tramite.others))


def _elsewhere(files: reading.Elsewhere) -> api.SameFiles:
    return api.SameFiles(
        numbers=list(files.numbers), elsewhere_count=files.elsewhere_count, is_complete=files.is_complete
    )


async def _same_files(tramites: Sequence[rows.Tramite], scene: Scene) -> dict[UUID, api.SameFiles | None]:
    shown, nothing = _of_others(tramites, scene), dict.fromkeys([tramite.id for tramite in tramites])
    found = await reading.same_files_of(_viewer(scene), [tramite.id for tramite in shown]) if shown else {}
    return nothing | {id_: _elsewhere(files) for id_, files in found.items()}


_OF_SIGNS = (
    "status",
    "filed_on",
    "route_by",
    "attend_by",
    "correct_by",
    "folios",
    "missing",
    "owner_id",
    "applicant_id",
)

ITS_SIGNS = {
    "signs": Together(
        _OF_SIGNS, _signs, planned=Computed(_OF_SIGNS, _sign_at_once, facts={"files": reading.CURRENT_PAGES})
    ),
    "same_files": Together(
        ("applicant_id",),
        _same_files,
        planned=Computed(("applicant_id",), _same_files_at_once, facts={"others": reading.others_sql}),
    ),
}
