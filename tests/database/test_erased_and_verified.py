"""What the law lets be erased is erased, and what is left still proves itself: `verify` finds nothing missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions import drafts, retention
from actions.closures import close_due_accounts, request_closure
from actions.filing_forms import FilingForm
from mesadepartes.verifying import verify
from models.people import User
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.kept_kinds import RetentionKind as Kind
from rules.throttling import Client
from tests.api import Api
from tests.counter import PASSWORD, PDF
from tests.database.test_verifying import unseen
from tests.retention import clerk_of, erase_all, resolved, voided, years_later
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database


async def test_after_all_that_may_be_erased_was_erased_the_whole_record_verifies(
    counter: Counter, api: Api, database: Database, tmp_path: Path
) -> None:
    clerk, maria = await clerk_of(counter), await counter.register()
    answered = await resolved(counter, clerk, maria)
    await voided(counter, maria)
    held = await counter.upload(maria, data=PDF + b"never filed")
    await drafts.save_draft(counter.tools, maria, FilingForm(main_upload=held.id), draft_id=None, version=None)
    await request_closure(counter.tools, maria, PASSWORD, client=Client())
    await counter.deliver()
    counter.clock.advance(days=8)
    assert await close_due_accounts(counter.tools) == 1
    await counter.deliver()
    years_later(counter, 13)
    boss = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    for kind in (Kind.RESOLVED_TRAMITES, Kind.UNDONE_TRAMITES):
        await retention.set_period(counter.tools, boss.viewer, kind, days=12 * 365)

    done = await erase_all(counter)
    proved = await verify(database.web_url, store_in(tmp_path / "store"), anchors=[], progress=unseen)

    assert done[Kind.RESOLVED_TRAMITES] == done[Kind.UNDONE_TRAMITES] == 1
    assert (await Tramite.get(id=answered.id)).erased_at == counter.clock()
    assert all(file.erased_at for file in await Attachment.all())
    assert proved.walks[0].sequence > 10


async def test_a_clerk_who_leaves_or_whose_number_was_anothers_leaves_a_record_that_verifies(
    counter: Counter, api: Api, database: Database, tmp_path: Path
) -> None:
    ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(await counter.register())
    await clerk.mutate("takeTramite", id=str(filed.id))
    await ana.mutate("deactivateStaff", userId=str(clerk.viewer.user_id), reason="Renunció.")

    proved = await verify(database.web_url, store_in(tmp_path / "store"), anchors=[], progress=unseen)

    assert (await User.get(id=clerk.viewer.user_id)).deactivated_at is not None
    assert proved.walks[0].sequence > 5
