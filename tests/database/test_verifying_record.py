"""What a superuser edits beside the chain is found: trámites, receipts, notes, erasures, facts of reports."""

from __future__ import annotations

import asyncpg

from actions import notes, reopening, tramites
from models.tramites import Tramite
from reading.chains import Fault
from reading.proofs import prove_record
from rules.access import Role
from tests.database.test_verifying import Day, day

__all__ = ["day"]

FIRST, SECOND, THIRD = (f"number LIKE '%00000{serial}-_'" for serial in (1, 2, 3))
OF_FIRST = f"tramite_id = (SELECT id FROM tramites WHERE {FIRST})"
ANOTHER_OFFICE = "(SELECT id FROM offices WHERE code = 'CUSCO')"


def facts(field: str, value: str) -> str:
    return f"UPDATE receipts SET facts = facts || '{{\"{field}\": {value}}}' WHERE version = 1 AND {OF_FIRST}"


EDITS = {
    # Trámites.
    f"UPDATE tramites SET filed_on = filed_on - 1 WHERE {FIRST}": "its legal date",
    f"UPDATE tramites SET sent_at = sent_at - interval '1 hour' WHERE {FIRST}": "it was not sent when",
    f"UPDATE tramites SET received_at = NULL WHERE {THIRD}": "it was not received when",
    f"UPDATE tramites SET received_at = now() WHERE {SECOND}": "it was not received when",
    f"UPDATE tramites SET office_id = {ANOTHER_OFFICE} WHERE {SECOND}": "its office is not the one",
    f"UPDATE tramites SET document_kind = 'OFICIO' WHERE {SECOND}": "its kind is not the one",
    f"UPDATE tramites SET folios = 99 WHERE {FIRST}": "its folios are not those",
    f"UPDATE tramites SET channel = 'EMAIL' WHERE {SECOND}": "its channel is not the one",
    f"UPDATE tramites SET applicant_id = NULL WHERE {SECOND}": "its applicant is not the one",
    f"UPDATE tramites SET observed_before = false WHERE {FIRST}": "whether it was observed",
    f"UPDATE tramites SET correct_by = correct_by + 1 WHERE {FIRST}": "its term is not the one",
    f"UPDATE tramites SET status = 'RESOLVED' WHERE {SECOND}": "its status is not the one",
    f"UPDATE tramites SET erased_at = now() WHERE {SECOND}": "it was erased, but the register does not say so",
    f"UPDATE tramites SET observation = 'Otra' WHERE {FIRST}": "what was said with it is no longer what its trámite",
    f"UPDATE tramites SET resolution = 'Otra' WHERE {THIRD}": "what was said with it is no longer what its trámite",
    # Referrals and notes.
    "DELETE FROM referrals": "the referral that it names and the one that there is",
    f"UPDATE referrals SET to_office_id = {ANOTHER_OFFICE}": "the referral that it names and the one that there is",
    "INSERT INTO referrals (id, from_office_id, to_office_id, tramite_id, referred_at)"
    " SELECT gen_random_uuid(), from_office_id, to_office_id, tramite_id, referred_at FROM referrals": "the referral",
    "DELETE FROM notes": "the note that it names",
    "UPDATE notes SET text = 'Otra nota'": "the note that it names",
    f"UPDATE notes SET author_id = (SELECT applicant_id FROM tramites WHERE {FIRST})": "the note that it names",
    "INSERT INTO notes (id, tramite_id, author_id, text, written_at)"
    " SELECT gen_random_uuid(), tramite_id, author_id, 'x', written_at FROM notes": "the note that it names",
    # Receipts.
    facts("number", '"MPD-2026-000009-6"'): "it certifies another thing",
    facts("channel", '"EMAIL"'): "it certifies another thing",
    facts("verification_code", '"AAAA"'): "it certifies another thing",
    facts("filed_on", '"2026-03-01"'): "its dates are not those",
    facts("sent_at", '"2026-03-09T10:00:00+00:00"'): "its dates are not those",
    facts("acted_at", '"2026-03-08T10:00:00+00:00"').replace("version = 1", "kind = 'RECEPTION'"): "its dates are not",
    facts("status", '"RESOLVED"'): "its status is not",
    facts("files", "[]").replace("version = 1", "kind = 'SUBMISSION' AND version = 1"): "its files are not those",
    facts("applicant", '"Otra Persona"'): "it does not say of whom",
    facts("ruc", '"20131312955"'): "it does not say of whom",
    "UPDATE receipts SET facts = facts || '{\"subject\": \"Otro\"}' WHERE tramite_id ="
    f" (SELECT id FROM tramites WHERE {THIRD}) AND kind = 'SUBMISSION'": "it is not the one that was issued",
    # What is said to be erased.
    "UPDATE entry_texts SET erased_at = now(), text = NULL, salt = NULL": "was erased, but the register does not say",
    "UPDATE receipts SET erased_at = now(), facts_sha256 = repeat('0', 64)": "was erased, but the register",
    "UPDATE attachments SET erased_at = now()": "was erased, but the register does not say so",
    "UPDATE notices SET erased_at = now(), address = NULL": "more were erased than the register says",
    "UPDATE contents SET erased_at = now()": "its bytes were erased, but what they belong to was not",
    # Facts of reports.
    "UPDATE report_acts SET times = times + 1 WHERE act = 'RESOLVED'": "reports, acts of 2026-03-09",
    "DELETE FROM report_acts WHERE act = 'VOIDED'": "reports, acts of 2026-03-09",
    "UPDATE report_acts SET day = day - 1": "reports, acts of 2026-03-0",
    f"UPDATE report_cells SET office_id = {ANOTHER_OFFICE}": "reports, ",
    "UPDATE report_waiting SET waiting = waiting - 1": "reports, waiting on 2026-03-09",
    "UPDATE report_steps SET seconds = seconds + 1 WHERE step = 5": "reports, step 5 of entry",
    "UPDATE report_steps SET bucket = bucket + 1 WHERE step = 5": "reports, step 5 of entry",
    "DELETE FROM report_steps WHERE step = 2": "reports, step 2 of entry",
    "INSERT INTO report_steps (cell_id, day, step, bucket, seconds, sequence)"
    " SELECT cell_id, day, 6, bucket, seconds, sequence FROM report_steps WHERE step = 2": "step 6 of",
    "DELETE FROM report_positions": "reports, place of trámite",
    "UPDATE report_positions SET since_on = since_on - 1": "reports, place of trámite",
    "UPDATE report_months SET times = times + 1": "reports, steps of 2026-03-01",
    "UPDATE report_waiting_months SET late = late + 1": "reports, waiting in 2026-0",
    "UPDATE report_waiting SET late = late + 1; UPDATE report_waiting_months SET late = late + (SELECT count(*) FROM"
    " report_waiting w WHERE w.cell_id = report_waiting_months.cell_id AND"
    " date_trunc('month', w.day::timestamp)::date = month)": "reports, late in cell",
    # Tables that are not what they seem.
    "ALTER TABLE entries RENAME TO real; CREATE VIEW entries AS SELECT * FROM real": "table entries: is no plain table",
    "ALTER TABLE tramites ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON tramites USING (current_setting("
    "'application_name') <> 'mesadepartes verify')": "table tramites: is no plain table",
    "CREATE TABLE more () INHERITS (entries)": "table entries: is no plain table",
    "CREATE RULE r AS ON UPDATE TO notices DO INSTEAD NOTHING": "table notices: is no plain table",
    "ALTER TABLE entries DISABLE TRIGGER entries_append_only": "trigger entries_append_only: the guard is missing",
    "ALTER TABLE anchors DISABLE TRIGGER ALL": "trigger anchors_append_only: the guard is missing",
    "DROP TRIGGER read_entries_no_truncate ON read_entries": "trigger read_entries_no_truncate: the guard is missing",
    "CREATE TRIGGER mine BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION register_refuse_change()":
    "table entries, trigger mine: is none of this program",
}  # fmt: skip


async def told(connection: asyncpg.Connection, edit: str) -> str:
    """Return what is found after an edit, which is taken back."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(edit)
        await connection.execute("SET LOCAL search_path = pg_catalog")
        await prove_record(connection)
    except Fault as fault:
        return str(fault)
    finally:
        await transaction.rollback()
    return "nothing"


async def test_an_edit_beside_the_chain_is_found(day: Day) -> None:
    clerk = await day.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await notes.add_note(day.counter.tools, clerk, day.corrected.id, text="Llamar mañana")
    supervisor = await day.counter.register(role=Role.SUPERVISOR)
    day.counter.clock.advance(hours=30)
    third = await Tramite.get(number__startswith="MPD-2026-000003")
    await reopening.reopen_tramite(day.counter.tools, supervisor, third.id, reason="Faltó algo")
    await tramites.resolve_tramite(day.counter.tools, clerk, third.id, text="Otra vez")
    await day.verify()

    async with day.meddling() as connection:
        found = {edit: await told(connection, edit) for edit in EDITS}

    missed = {edit: said for edit, said in found.items() if EDITS[edit] not in said}
    assert missed == {}
