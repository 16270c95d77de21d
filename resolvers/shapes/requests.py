"""Requests about accounts as the API shows them; their accounts are loaded with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schema import requests as api
from schema.finding import PageInfo
from schema.scalars import EmailAddress

if TYPE_CHECKING:
    from models.people import User
    from models.requests import IdentityClaim, RecoveryRequest
    from reading.requests import Page


def holder(user: User) -> api.AccountHolder:
    """Return whose account it is."""
    return api.AccountHolder(
        identity_kind=user.identity_kind,
        identity_number=user.identity_number if user.has_identity else None,
        full_name=user.full_name,
        birth_date=user.birth_date,
        is_staff=user.is_staff,
        is_frozen=user.frozen_at is not None,
    )


def recovery(row: RecoveryRequest) -> api.RecoveryRequest:
    """Return a recovery request as staff see it."""
    assert row.user is not None
    return api.RecoveryRequest(
        id=row.id,
        state=row.state,
        holder=holder(row.user),
        new_email=EmailAddress(row.email) if row.email else None,
        new_mobile=row.mobile,
        asked_at=row.asked_at,
        takes_effect_at=row.due_at,
        settled_at=row.settled_at,
        reason=row.reason,
    )


def own_recovery(row: RecoveryRequest) -> api.OwnRecovery:
    """Return a recovery request as the holder of the account sees it."""
    return api.OwnRecovery(
        asked_at=row.asked_at,
        takes_effect_at=row.due_at,
        changes_email=row.email is not None,
        changes_mobile=row.mobile is not None,
    )


def recoveries(page: Page[RecoveryRequest]) -> api.RecoveryRequestConnection:
    """Return a page of recovery requests."""
    return api.RecoveryRequestConnection(
        edges=[
            api.RecoveryRequestEdge(cursor=place, node=recovery(row))
            for place, row in zip(page.places, page.rows, strict=True)
        ],
        page_info=_ends(page),
    )


def claim(row: IdentityClaim) -> api.IdentityClaim:
    """Return a claim as staff see it."""
    return api.IdentityClaim(
        id=row.id,
        state=row.state,
        identity_kind=row.identity_kind,
        identity_number=row.identity_number,
        holder=holder(row.user) if row.user else None,
        claimant_name=row.full_name,
        claimant_email=EmailAddress(row.email),
        claimant_mobile=row.mobile,
        statement=row.statement,
        claimed_at=row.claimed_at,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def claims(page: Page[IdentityClaim]) -> api.IdentityClaimConnection:
    """Return a page of claims."""
    return api.IdentityClaimConnection(
        edges=[
            api.IdentityClaimEdge(cursor=place, node=claim(row))
            for place, row in zip(page.places, page.rows, strict=True)
        ],
        page_info=_ends(page),
    )


def _ends(page: Page[Any]) -> PageInfo:
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=page.places[0] if page.places else None,
        end_cursor=page.places[-1] if page.places else None,
    )
