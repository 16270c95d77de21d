"""The staff through the API: invited, assigned, deactivated; nobody by themselves, and never the last administrator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions.closures import close_due_accounts
from actions.invitations import forget_invitations
from models.people import Post, Session, User
from models.receipts import Notice
from models.register import Entry, EntryText
from models.second_factors import RecoveryCode, SecondFactor
from models.staff import Invitation
from models.tramites import Tramite
from rules.access import ACCOUNT_ROLES, Role
from rules.notices import SECRET, NoticeKind
from rules.register import Act
from tests.api import Api, make_feed, served, subscribed
from tests.counter import PASSWORD, Counter, give_second_factor
from tests.people import mails

if TYPE_CHECKING:
    from tests.servers.postgres import Database

MEMBER = "member { userId role state offices { code } deactivatedAt }"
STAFF = """query($first: Int!, $after: String, $role: Role, $state: StaffState) {
    staff(first: $first, after: $after, role: $role, state: $state) {
        edges { cursor node { userId fullName email role state offices { code } signedInAt } } pageInfo { hasNextPage }
    } }"""
CHANGES = "subscription { statusChanges { cursor change { number } } }"
ROLES = sorted(ACCOUNT_ROLES)


async def with_second_factor(counter: Counter, api: Api, **changes: Any) -> Api:
    """Return the API of an applicant who has shown a second factor."""
    person = await api.signed_in(counter, **changes)
    await give_second_factor(counter.tools, person.viewer.user_id)
    await Session.filter(id=person.viewer.session_id).update(second_factor_at=counter.clock())
    return person


async def email_of(person: Api) -> str:
    return (await User.get(id=person.viewer.user_id)).email


async def invite(ana: Api, email: str, role: str = "CLERK", offices: tuple[str, ...] = ("PUNO",)) -> str:
    """Invite somebody; return the code that was mailed."""
    answer = await ana.mutate("inviteStaff", "invitation { id }", email=email, role=role, officeCodes=list(offices))
    assert answer["__typename"] == "InviteStaffSuccess", answer
    notice = await Notice.filter(kind=NoticeKind.STAFF_INVITED, address__iexact=email).order_by("-created_at").first()
    assert notice is not None
    return notice.detail[SECRET]


async def test_who_accepts_an_invitation_is_staff_in_that_session(counter: Counter, api: Api, ana: Api) -> None:
    luis = await with_second_factor(counter, api)
    elsewhere = await api.signed_in_again(counter, luis)
    code = await invite(ana, await email_of(luis), offices=("PUNO", "LIMA"))

    joined = await luis.mutate(
        "acceptInvitation", "token user { role appointedRole offices { code } }", code=f" {code} "
    )

    assert joined["user"] == {
        "role": "CLERK",
        "appointedRole": "CLERK",
        "offices": [{"code": "LIMA"}, {"code": "PUNO"}],
    }
    assert not await elsewhere.is_known()
    assert not await luis.is_known(), "the token changed with the role"
    entry = await Entry.get(act=Act.INVITATION_ACCEPTED)
    assert (entry.actor_id, entry.detail["role"]) == (luis.viewer.user_id, "CLERK")
    assert await email_of(luis) not in str(await Entry.all().values("record", "detail"))


async def test_an_invitation_is_good_once_for_its_address_and_for_seven_days(
    counter: Counter, api: Api, ana: Api
) -> None:
    luis, other = await with_second_factor(counter, api), await with_second_factor(counter, api)
    code = await invite(ana, await email_of(luis))

    by_other = await other.mutate("acceptInvitation", code=code)
    wrong = await luis.mutate("acceptInvitation", code="x" * 43)
    both = await asyncio.gather(*[luis.mutate("acceptInvitation", code=code) for _ in range(2)])
    await User.filter(id=luis.viewer.user_id).update(role=Role.APPLICANT)
    luis = await api.signed_in_again(counter, luis)
    used = await luis.mutate("acceptInvitation", code=code)

    assert [each["code"] for each in (by_other, wrong, used)] == ["INVITATION_NOT_FOUND"] * 3
    assert [each["__typename"] for each in both].count("AcceptInvitationSuccess") == 1
    late = await invite(ana, await email_of(luis))
    counter.clock.advance(days=7)
    luis = await api.signed_in_again(counter, luis)
    assert (await luis.mutate("acceptInvitation", code=late))["code"] == "INVITATION_NOT_FOUND"
    assert (await User.get(id=other.viewer.user_id)).role is Role.APPLICANT


async def test_an_invitation_needs_a_second_factor_and_a_proved_address(counter: Counter, api: Api, ana: Api) -> None:
    luis, rosa = await api.signed_in(counter), await with_second_factor(counter, api)
    await User.filter(id=rosa.viewer.user_id).update(email_verified_at=None)

    without = await luis.mutate("acceptInvitation", code=await invite(ana, await email_of(luis)))
    unproved = await rosa.mutate("acceptInvitation", code=await invite(ana, await email_of(rosa)))

    assert (without["code"], unproved["code"]) == ("SECOND_FACTOR_NEEDED", "INVITATION_NOT_FOUND")
    assert await User.exclude(role=Role.APPLICANT).count() == 1


async def test_an_invitation_is_replaced_withdrawn_and_forgotten(counter: Counter, api: Api, ana: Api) -> None:
    luis = await with_second_factor(counter, api)
    email = await email_of(luis)
    first = await invite(ana, email)
    second = await invite(ana, email.upper(), role="AUDITOR", offices=())
    waiting = (await ana.data("{ invitations { id email role officeCodes } }"))["invitations"]

    replaced = await luis.mutate("acceptInvitation", code=first)
    withdrawn = await ana.mutate("withdrawInvitation", "invitationId", id=waiting[0]["id"])
    again = await ana.mutate("withdrawInvitation", id=waiting[0]["id"])
    worthless = await luis.mutate("acceptInvitation", code=second)

    assert [(each["role"], each["officeCodes"]) for each in waiting] == [("AUDITOR", [])]
    assert withdrawn["invitationId"] == waiting[0]["id"]
    assert [each["code"] for each in (replaced, again, worthless)] == ["INVITATION_NOT_FOUND"] * 3
    counter.clock.advance(days=31)
    assert await forget_invitations(counter.tools) == 2
    assert await Invitation.all().count() == 0


@pytest.mark.parametrize(
    ("role", "offices", "code"),
    [
        ("CLERK", (), "OFFICES_MISSING"),
        ("SUPERVISOR", (), "OFFICES_MISSING"),
        ("AUDITOR", ("PUNO",), "OFFICES_NOT_FOR_ROLE"),
        ("ADMINISTRATOR", ("PUNO",), "OFFICES_NOT_FOR_ROLE"),
        ("APPLICANT", (), "WRONG_STAFF_ROLE"),
        ("SYSTEM", (), "WRONG_STAFF_ROLE"),
        ("CLERK", ("NOWHERE",), "OFFICE_NOT_FOUND"),
    ],
)
async def test_role_and_offices_must_go_together(
    counter: Counter, api: Api, ana: Api, role: str, offices: tuple[str, ...], code: str
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    post: dict[str, Any] = {"role": role, "officeCodes": list(offices)}

    invited = await ana.mutate("inviteStaff", email="luis@example.pe", **post)
    assigned = await ana.mutate("assignStaff", userId=str(clerk.viewer.user_id), **post)

    assert (invited["code"], assigned["code"]) == (code, code)
    assert await Invitation.all().count() == 0
    assert await Post.all().count() == 1


async def test_another_role_ends_sessions_and_releases_what_lies_elsewhere(
    counter: Counter, api: Api, ana: Api
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    maria = await counter.register()
    tramites = [await counter.file(maria, office_code=code) for code in ("PUNO", "LIMA")]
    await Tramite.all().update(owner_id=clerk.viewer.user_id)

    moved = await ana.mutate(
        "assignStaff", MEMBER, userId=str(clerk.viewer.user_id), role="CLERK", officeCodes=["LIMA", "LIMA"]
    )

    assert moved["member"]["offices"] == [{"code": "LIMA"}]
    owners = {tramite.id: tramite.owner_id for tramite in await Tramite.all()}
    assert owners == {tramites[0].id: None, tramites[1].id: clerk.viewer.user_id}
    assert (await clerk.data("{ me { role } }"))["me"] == {"role": "CLERK"}, "the same role goes on"
    await ana.mutate("assignStaff", MEMBER, userId=str(clerk.viewer.user_id), role="AUDITOR", officeCodes=[])
    assert not await clerk.is_known()
    assert [kind for kind, _ in await mails()].count("STAFF_ASSIGNED") == 2
    assert (await Entry.filter(act=Act.STAFF_ASSIGNED).order_by("-sequence").first()).detail == {  # type: ignore[union-attr]
        "user": str(clerk.viewer.user_id),
        "before": "CLERK",
        "role": "AUDITOR",
        "offices": [],
    }


async def test_who_leaves_is_an_applicant_at_once_and_staff_again_when_assigned(
    counter: Counter, api: Api, ana: Api
) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    await counter.file(await counter.register(), office_code="PUNO")
    await Tramite.all().update(owner_id=clerk.viewer.user_id)
    id_ = str(clerk.viewer.user_id)

    gone = await ana.mutate("deactivateStaff", MEMBER, userId=id_, reason="Renunció.")
    twice = await ana.mutate("deactivateStaff", userId=id_, reason="Renunció.")
    unsaid = await ana.mutate("deactivateStaff", userId=id_, reason=" ")

    assert gone["member"] | {"deactivatedAt": None} == {
        "userId": id_,
        "role": "CLERK",
        "state": "DEACTIVATED",
        "offices": [],
        "deactivatedAt": None,
    }
    assert (twice["code"], unsaid["code"]) == ("ALREADY_DEACTIVATED", "TEXT_MISSING")
    assert not await clerk.is_known()
    assert (await Tramite.get()).owner_id is None
    back = await api.signed_in_again(counter, clerk)
    assert (await back.data("{ me { role appointedRole } }"))["me"] == {
        "role": "APPLICANT",
        "appointedRole": "APPLICANT",
    }
    assert (await back.data("{ tramites { edges { node { id } } } }"))["tramites"]["edges"] == []
    await ana.mutate("assignStaff", MEMBER, userId=id_, role="CLERK", officeCodes=["PUNO"])
    assert (await (await api.signed_in_again(counter, clerk)).data("{ me { role } }"))["me"] == {"role": "CLERK"}


async def test_who_left_may_close_the_account_and_nothing_of_it_is_left(counter: Counter, api: Api, ana: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    staying = await clerk.mutate("requestAccountClosure", currentPassword=PASSWORD)
    await ana.mutate("deactivateStaff", userId=str(clerk.viewer.user_id), reason="Renunció.")
    back = await api.signed_in_again(counter, clerk)
    await RecoveryCode.create(user_id=clerk.viewer.user_id, code_hash=b"x" * 32, made_at=counter.clock())

    leaving = await back.mutate("requestAccountClosure", currentPassword=PASSWORD)
    counter.clock.advance(days=8)
    closed = await close_due_accounts(counter.tools)

    assert (staying["code"], leaving["__typename"], closed) == ("STAFF_ACCOUNT", "RequestAccountClosureSuccess", 1)
    assert await SecondFactor.filter(user_id=clerk.viewer.user_id).count() == await RecoveryCode.all().count() == 0
    ana = await api.signed_in_again(counter, ana)
    assert len((await ana.data(STAFF, first=9))["staff"]["edges"]) == 1
    again = await ana.mutate("assignStaff", userId=str(clerk.viewer.user_id), role="AUDITOR", officeCodes=[])
    assert again["code"] == "STAFF_NOT_FOUND"


async def test_an_administrator_who_leaves_has_invited_nobody(counter: Counter, api: Api, ana: Api) -> None:
    second, luis = await api.signed_in(counter, role=Role.ADMINISTRATOR), await with_second_factor(counter, api)
    code = await invite(second, await email_of(luis), role="ADMINISTRATOR", offices=())

    await ana.mutate("deactivateStaff", userId=str(second.viewer.user_id), reason="Renunció.")

    assert (await luis.mutate("acceptInvitation", code=code))["code"] == "INVITATION_NOT_FOUND"


async def test_a_subscription_ends_when_its_holder_leaves(counter: Counter, database: Database) -> None:
    feed = make_feed(database, fresh=timedelta(0))
    async with served(counter, feed) as api:
        running = asyncio.create_task(feed.run())
        ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
        clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
        async with subscribed(clerk, CHANGES) as subscription:
            async with asyncio.timeout(20):
                while not feed.subscribers:
                    await asyncio.sleep(0.01)
            await ana.mutate("deactivateStaff", userId=str(clerk.viewer.user_id), reason="Renunció.")
            await counter.file(await counter.register(), office_code="PUNO")
            with pytest.raises(AssertionError, match="SESSION_ENDED"):
                await subscription.change()
        running.cancel()


async def test_nobody_changes_what_they_are_themselves(counter: Counter, api: Api, ana: Api) -> None:
    await api.signed_in(counter, role=Role.ADMINISTRATOR)
    me = await User.get(id=ana.viewer.user_id)

    answers = [
        await ana.mutate("assignStaff", userId=str(me.id), role="AUDITOR", officeCodes=[]),
        await ana.mutate("deactivateStaff", userId=str(me.id), reason="Me voy."),
        await ana.mutate(
            "resetSecondFactor", identityKind="DNI", identityNumber=me.identity_number, reason="Lo perdí."
        ),
    ]
    invited = await ana.mutate("acceptInvitation", code=await invite(ana, me.email))

    assert [each["code"] for each in answers] == ["OWN_APPOINTMENT"] * 3
    assert invited["code"] == "ALREADY_STAFF"
    assert (await User.get(id=me.id)).role is Role.ADMINISTRATOR


async def test_of_two_administrators_who_demote_each_other_at_once_one_stays(
    counter: Counter, api: Api, ana: Api
) -> None:
    bruno = await api.signed_in(counter, role=Role.ADMINISTRATOR)

    answers = await asyncio.gather(
        ana.mutate("deactivateStaff", userId=str(bruno.viewer.user_id), reason="A."),
        bruno.mutate("assignStaff", userId=str(ana.viewer.user_id), role="AUDITOR", officeCodes=[]),
    )

    assert sorted(each.get("code", "done") for each in answers) in (
        ["NOT_YOUR_DUTY", "done"],
        ["NOT_SIGNED_IN", "done"],
    )
    assert await User.filter(role=Role.ADMINISTRATOR, deactivated_at__isnull=True).count() == 1


async def test_a_reset_takes_factor_codes_password_and_sessions(counter: Counter, api: Api, ana: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    user = await User.get(id=clerk.viewer.user_id)
    await RecoveryCode.create(user=user, code_hash=b"x" * 32, made_at=counter.clock())
    asked = {"identityKind": "DNI", "identityNumber": user.identity_number, "reason": "Perdió el celular."}

    done = await ana.mutate("resetSecondFactor", "userId", **asked)
    again = await ana.mutate("resetSecondFactor", **asked)
    nobody = await ana.mutate("resetSecondFactor", **asked | {"identityNumber": "11111111"})

    assert done["userId"] == str(user.id)
    assert [each["code"] for each in (again, nobody)] == ["SECOND_FACTOR_NOT_FOUND"] * 2
    assert await SecondFactor.filter(user_id=user.id).count() == await RecoveryCode.all().count() == 0
    assert not await clerk.is_known()
    old = await api.mutate("signIn", identityKind="DNI", identityNumber=user.identity_number, password=PASSWORD)
    assert old["code"] == "WRONG_CREDENTIALS"
    assert ("SECOND_FACTOR_RESET", user.email) in await mails()
    entry = await Entry.get(act=Act.SECOND_FACTOR_RESET)
    assert (await EntryText.get(sequence=entry.sequence)).text == "Perdió el celular."


async def test_the_staff_are_listed_in_pages_with_how_it_stands_with_them(counter: Counter, api: Api, ana: Api) -> None:
    await api.signed_in(counter)
    clerks = [await api.signed_in(counter, role=Role.CLERK, office="PUNO") for _ in range(3)]
    await SecondFactor.filter(user_id=clerks[0].viewer.user_id).delete()
    await ana.mutate("deactivateStaff", userId=str(clerks[1].viewer.user_id), reason="Renunció.")

    pages = list[dict[str, Any]]()
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        after = pages[-1]["edges"][-1]["cursor"] if pages else None
        pages.append((await ana.data(STAFF, first=3, after=after))["staff"])

    nodes = [edge["node"] for page in pages for edge in page["edges"]]
    states = {node["userId"]: node["state"] for node in nodes}
    assert [len(page["edges"]) for page in pages] == [3, 1]
    assert states == {
        str(ana.viewer.user_id): "ACTIVE",
        str(clerks[0].viewer.user_id): "WITHOUT_SECOND_FACTOR",
        str(clerks[1].viewer.user_id): "DEACTIVATED",
        str(clerks[2].viewer.user_id): "ACTIVE",
    }
    assert all(node["signedInAt"] for node in nodes)
    for state, count in (("ACTIVE", 2), ("WITHOUT_SECOND_FACTOR", 1), ("DEACTIVATED", 1)):
        assert len((await ana.data(STAFF, first=9, state=state))["staff"]["edges"]) == count
    assert len((await ana.data(STAFF, first=9, role="CLERK"))["staff"]["edges"]) == 3


@pytest.mark.parametrize("role", ROLES)
async def test_the_staff_is_for_administrators_and_seen_by_auditors(counter: Counter, api: Api, role: Role) -> None:
    person = await api.signed_in(counter, role=role, office="PUNO" if role in (Role.CLERK, Role.SUPERVISOR) else None)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    user = await User.get(id=clerk.viewer.user_id)
    entries = await Entry.all().count()
    may_see, may_change = role in (Role.ADMINISTRATOR, Role.AUDITOR), role is Role.ADMINISTRATOR

    seen = (await person.data(STAFF, first=9))["staff"]["edges"]
    answers = [
        await person.mutate("inviteStaff", email="luis@example.pe", role="AUDITOR", officeCodes=[]),
        await person.mutate("withdrawInvitation", id=str(uuid4())),
        await person.mutate("assignStaff", userId=str(user.id), role="CLERK", officeCodes=["PUNO"]),
        await person.mutate(
            "resetSecondFactor", identityKind="DNI", identityNumber=user.identity_number, reason="Lo perdió."
        ),
        await person.mutate("deactivateStaff", userId=str(user.id), reason="Renunció."),
    ]
    unknown = await person.mutate("deactivateStaff", userId=str(uuid4()), reason="Renunció.")

    assert bool(seen) is may_see
    if may_change:
        assert [each.get("code") for each in answers] == [None, "INVITATION_NOT_FOUND", None, None, None]
        assert unknown["code"] == "STAFF_NOT_FOUND"
    else:
        assert [each["code"] for each in [*answers, unknown]] == ["NOT_YOUR_DUTY"] * 6
        assert await Entry.all().count() == entries


async def test_staff_without_a_second_factor_can_do_nothing_of_staff(counter: Counter, api: Api) -> None:
    ana = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(await counter.register())
    await SecondFactor.all().delete()
    await Session.all().update(second_factor_at=None)

    assert (await clerk.data("{ me { role appointedRole offices { code } secondFactor { isRequired } } }"))["me"] == {
        "role": "APPLICANT",
        "appointedRole": "CLERK",
        "offices": [],
        "secondFactor": {"isRequired": True},
    }
    assert (await clerk.data("{ tramites { edges { node { id } } } }"))["tramites"]["edges"] == []
    assert (await clerk.data("{ tasks { edges { node { id } } } }"))["tasks"]["edges"] == []
    observed = await clerk.mutate("observeTramite", id=str(filed.id), text="Falta.")
    assert observed["code"] == "TRAMITE_NOT_FOUND"
    assert (await ana.data(STAFF, first=9))["staff"]["edges"] == []
    invited = await ana.mutate("inviteStaff", email="a@example.pe", role="AUDITOR", officeCodes=[])
    assert invited["code"] == "NOT_YOUR_DUTY"
