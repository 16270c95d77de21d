"""All addresses of this door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transfers.body import Patience
from transfers.downloads import download_routes
from transfers.exports import export_routes
from transfers.mails import mail_routes
from transfers.personal_data import personal_data_routes
from transfers.pictures import picture_routes
from transfers.reports import report_routes
from transfers.uploads import upload_routes

if TYPE_CHECKING:
    from starlette.routing import Route

    from actions.tools import Tools


def routes(tools: Tools, *, patience: Patience | None = None) -> list[Route]:
    """Return what the site must serve for uploads, downloads, pictures, exports, mails, personal data and reports."""
    return [
        *upload_routes(tools, patience=patience or Patience()),
        *download_routes(tools),
        *picture_routes(tools),
        *export_routes(tools),
        *mail_routes(tools),
        *personal_data_routes(tools),
        *report_routes(tools),
    ]
