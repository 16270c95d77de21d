"""Who looks, for root fields that are read by plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.refusals import NotSignedIn

if TYPE_CHECKING:
    from reading.access import Viewer
    from resolvers.context import Scene


def viewer_of(scene: Scene) -> Viewer:
    """
    Return who is signed in.

    Raises:
        NotSignedIn: nobody is; or somebody but for the second factor, as the plain way tells.
    """
    if scene.viewer is None:
        raise NotSignedIn
    return scene.viewer
