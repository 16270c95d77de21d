"""Which table holds which kinds of what is kept about people, and in which columns; a test fails for others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rules.kept_kinds import RetentionKind as Kind


@dataclass(frozen=True, slots=True)
class KeptTable:
    """
    What a table holds of people.

    Each column of text, bytes or JSON, and each that refers to an account, is either *personal*: it tells of people and
    goes with its kind; or *plain*: it tells nothing of anybody, and may stay for ever.
    """

    kinds: tuple[Kind, ...]
    personal: frozenset[str]
    plain: frozenset[str]


def _table(*kinds: Kind, personal: str, plain: str = "") -> KeptTable:
    return KeptTable(kinds, frozenset(personal.split()), frozenset(plain.split()))


KEPT_TABLES: Final[Mapping[str, KeptTable]] = MappingProxyType(
    {
        "users": _table(
            Kind.ACCOUNT,
            personal="identity_kind identity_number given_names first_surname second_surname email mobile "
            "password_hash",
            plain="role",
        ),
        "posts": _table(Kind.ACCOUNT, personal="user_id"),
        "second_factors": _table(Kind.ACCOUNT, personal="user_id seed offered_seed"),
        "recovery_codes": _table(Kind.ACCOUNT, personal="user_id code_hash"),
        # Forgotten 30 days after their end.
        "invitations": _table(
            Kind.CODES, personal="email code_hash", plain="role offices invited_by_id accepted_by_id"
        ),
        "sessions": _table(Kind.SESSIONS, personal="user_id token_hash device", plain="kind"),
        "codes": _table(Kind.CODES, personal="address kept_hash", plain="purpose"),
        "drafts": _table(Kind.DRAFTS, personal="owner_id form"),
        "uploads": _table(Kind.UPLOADS, Kind.USED_UPLOADS, personal="owner_id name", plain="content_id"),
        "client_keys": _table(Kind.CLIENT_KEYS, personal="user_id request_hash"),
        "tramites": _table(
            Kind.OPEN_TRAMITES,
            Kind.RESOLVED_TRAMITES,
            Kind.UNDONE_TRAMITES,
            personal="document_number subject organization_ruc organization_name sender_name contact_email "
            "contact_mobile observation observation_points resolution",
            # The account and the member of staff are ids; what an account tells goes when it is closed.
            plain="number lookup_key status channel sender_proof applicant_id owner_id document_kind "
            "privacy_policy_version missing filing_rule deadline_rule",
        ),
        "notes": _table(
            Kind.OPEN_TRAMITES,
            Kind.RESOLVED_TRAMITES,
            Kind.UNDONE_TRAMITES,
            personal="text salt",
            plain="author_id",
        ),
        "attachments": _table(
            Kind.OPEN_TRAMITES, Kind.RESOLVED_FILES, Kind.UNDONE_FILES, personal="name", plain="role content_id"
        ),
        "contents": _table(
            Kind.RESOLVED_FILES,
            Kind.UNDONE_FILES,
            Kind.MAILS,
            Kind.RECEIPTS,
            personal="",
            plain="sha256 pages_problem kind scan signature",
        ),
        "content_texts": _table(
            Kind.OPEN_TRAMITES, Kind.RESOLVED_FILES, Kind.UNDONE_FILES, personal="", plain="state problem content_id"
        ),
        "content_text_pieces": _table(Kind.OPEN_TRAMITES, Kind.RESOLVED_FILES, Kind.UNDONE_FILES, personal="text"),
        "receipts": _table(Kind.RECEIPTS, personal="facts", plain="kind verification_code facts_sha256 content_id"),
        "notices": _table(
            Kind.NOTICES,
            personal="address in_reply_to detail",
            plain="kind user_id message_id state reason answer_key",
        ),
        "bounced_addresses": _table(Kind.BOUNCED_ADDRESSES, personal="address", plain="status"),
        "mail_items": _table(
            Kind.MAILS,
            Kind.RESOLVED_FILES,
            Kind.UNDONE_FILES,
            personal="",
            plain="account content_key original_id outcome reason suppression proof",
        ),
        # Forgotten 30 days after their end.
        "mail_links": _table(Kind.CODES, personal="token_hash", plain="purpose used_by_id"),
        "mail_decisions": _table(
            Kind.MAILS, Kind.RESOLVED_FILES, Kind.UNDONE_FILES, personal="text", plain="kind made_by_id"
        ),
        "tasks": _table(Kind.TASKS, personal="note", plain="kind user_id detail done_by_id"),
        "recovery_requests": _table(
            Kind.RECOVERIES,
            personal="password_hash email mobile reason",
            plain="state user_id stop_hash reference_hash decided_by_id",
        ),
        "identity_claims": _table(
            Kind.CLAIMS,
            personal="identity_number given_names first_surname second_surname email mobile statement reason",
            plain="state identity_kind user_id reference_hash decided_by_id",
        ),
        "entries": _table(
            Kind.REGISTER,
            personal="text",
            plain="act actor_id role from_status to_status detail record previous_hash hash",
        ),
        "entry_texts": _table(Kind.REGISTER, personal="text salt"),
        "read_entries": _table(Kind.READS, personal="", plain="kind viewer_id role detail record previous_hash hash"),
        "saved_searches": _table(Kind.SEARCHES, personal="owner_id name wanted", plain="order"),
        "exports": _table(Kind.SEARCHES, personal="owner_id wanted", plain="format order"),
        "account_closures": _table(Kind.CLOSURES, personal="", plain="user_id state"),
        # What staff write beforehand is about nobody; who saved it is an id.
        "template_versions": _table(Kind.REGISTER, personal="", plain="title text saved_by_id"),
        # By which programs read; who made and revoked one are ids.
        "service_tokens": _table(
            Kind.REGISTER, personal="", plain="name token_hash ending scopes offices made_by_id revoked_by_id"
        ),
        "retention_versions": _table(Kind.REGISTER, personal="", plain="days made_by_id"),
    }
)

IMPERSONAL_TABLES: Final = frozenset(
    {
        "offices",
        "calendar_versions",
        "policy_changes",
        "policy_versions",
        "hours_changes",
        "holidays",
        "privacy_policies",
        "mailboxes",
        "mail_slots",
        "referrals",
        "past_offices",
        "register_heads",
        "anchors",
        "number_series",
        "receipt_log_heads",
        "rounds",
        "templates",
        # Published by SUNAT and loaded anew each time.
        "taxpayers",
        "taxpayer_loads",
    }
)
"""Tables that tell of nobody; none of them may refer to an account."""
