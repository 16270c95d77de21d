"""For whom a field of the API is: the words in which every one of them is ruled. A field without a rule is nobody's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.duties import Duty, NotYourDuty, has_duty
from rules.refusals import NotSignedIn
from rules.service_tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from rules.access import Right, Role
    from rules.desk import DeskRight
    from rules.mail_desk import MailRight


@dataclass(frozen=True, slots=True)
class Rule:
    """
    For whom a field is.

    What depends on the thing that is asked for is judged where that thing is read or locked, by the table of its noun;
    the rule says by which. `duties`: one of them is needed to change anything. `needs_second_factor`: a session that
    awaits the second factor of its account is not enough. `scope`: what the token of a program must let it read; to
    programs, a field without one is shut, unless it is for anyone.
    """

    words: str
    needs_session: bool = True
    needs_second_factor: bool = True
    duties: frozenset[Duty] = frozenset()
    scope: Scope | None = None

    def for_programs(self, scope: Scope) -> Rule:
        """Return the same rule, and that a program with *scope* reads it too, as far as its offices go."""
        return replace(self, scope=scope)

    def is_open_to(self, scopes: Collection[Scope]) -> bool:
        """Say whether a program whose token has *scopes* may read it."""
        return self.scope in scopes if self.scope else self == ANYONE


ANYONE = Rule("anyone", needs_session=False)
"""No sign-in is needed; what strangers could try again and again passes a gate."""

KEY_HOLDER = Rule("whoever shows its key or code", needs_session=False)
"""The secret that was mailed or handed out is what lets in; guesses pass a gate, or are hopeless."""

SIGNED_IN = Rule("whoever is signed in")
HOLDER = Rule("whoever holds a session, also one that awaits the second factor", needs_second_factor=False)
"""To show the second factor, or to leave."""

OWN = Rule("whoever is signed in, for what is their own")
"""Account, sessions, drafts and uploads, which have no reader but their person."""


def by_right(*rights: Right) -> Rule:
    """Return the rule for what `rules.access` grants: it depends on how the viewer stands to the thing."""
    return Rule(" or ".join(f"Right.{right.name}" for right in rights))


def by_desk_right(*rights: DeskRight) -> Rule:
    """Return the rule for what `rules.desk` grants: requests about accounts, never about one's own."""
    return Rule(" or ".join(f"DeskRight.{right.name}" for right in rights))


def by_mail_right(*rights: MailRight) -> Rule:
    """Return the rule for what `rules.mail_desk` grants: mails of the mailboxes of one's offices, or of all."""
    return Rule(" or ".join(f"MailRight.{right.name}" for right in rights))


def by_duty(*duties: Duty) -> Rule:
    """Return the rule for what `rules.duties` grants: any one of *duties*."""
    return Rule(" or ".join(f"Duty.{duty.name}" for duty in duties), duties=frozenset(duties))


def check_admission(rule: Rule, role: Role | None, *, changes: bool) -> None:
    """
    Judge, before anything is looked at, whether a viewer in *role*, None for nobody, may come with this at all.

    To who only looks and lacks the duty there is nothing, which whoever reads it says: they are let in here.

    Raises:
        NotSignedIn: nobody is signed in, and somebody must be.
        NotYourDuty: it would change something, and the role has none of the duties.
    """
    if not rule.needs_session:
        return
    if role is None:
        raise NotSignedIn
    if changes and rule.duties and not any(has_duty(role, duty) for duty in rule.duties):
        raise NotYourDuty
