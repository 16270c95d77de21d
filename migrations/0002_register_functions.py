"""
The register's functions, the application's role, and what it may do.

`register_take_number` and `register_append` are the only ways to give a number or to write an entry. Both run as the
owner and lock the chain's head, so that sequence, number and commit come in one order.

The application acts as `mesa_app`; a login of the name `mesa_web`, where there is one, is made its member. Any other
login must be granted it by whoever made that login.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'mesa_app') THEN
        CREATE ROLE mesa_app NOLOGIN;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mesa_web') THEN
        GRANT mesa_app TO mesa_web;
    END IF;
END $$;
"""

HEAD = """
INSERT INTO register_heads (chain, sequence, hash)
VALUES ('acts', 0, sha256(convert_to('mesa de partes digital', 'UTF8')));
"""

TAKE_NUMBER = """
CREATE FUNCTION register_take_number(p_series text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    taken int;
BEGIN
    PERFORM 1 FROM public.register_heads WHERE chain = 'acts' FOR UPDATE;
    INSERT INTO public.number_series AS s (series, last_given) VALUES (p_series, 1)
    ON CONFLICT (series) DO UPDATE SET last_given = s.last_given + 1
    RETURNING last_given INTO taken;
    RETURN taken;
END $$;
"""

APPEND = """
CREATE FUNCTION register_append(p_record text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head public.register_heads;
    act jsonb := p_record::jsonb;
    link bytea;
BEGIN
    SELECT * INTO STRICT head FROM public.register_heads WHERE chain = 'acts' FOR UPDATE;
    head.sequence := head.sequence + 1;
    link := sha256(head.hash || int8send(head.sequence) || convert_to(p_record, 'UTF8'));
    INSERT INTO public.entries
        (sequence, at, act, tramite_id, actor_id, role, from_status, to_status, text, detail,
         record, previous_hash, hash)
    VALUES
        (head.sequence, (act->>'at')::timestamptz, act->>'act', (act->>'tramite')::uuid, (act->>'actor')::uuid,
         act->>'role', act->>'from', act->>'to', act->>'text', act->'detail',
         p_record, head.hash, link);
    UPDATE public.register_heads SET sequence = head.sequence, hash = link WHERE chain = 'acts';
    RETURN head.sequence;
END $$;
"""

GUARDS = """
CREATE FUNCTION register_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the register is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON entries
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
"""

INDEXES = """
CREATE UNIQUE INDEX sessions_token_hash ON sessions (token_hash);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX uploads_owner ON uploads (owner_id) WHERE used_at IS NULL;
CREATE INDEX tramites_applicant ON tramites (applicant_id, sent_at DESC, id DESC);
CREATE INDEX tramites_office ON tramites (office_id, sent_at DESC, id DESC);
CREATE INDEX tramites_sent ON tramites (sent_at DESC, id DESC);
CREATE INDEX referrals_tramite ON referrals (tramite_id);
CREATE INDEX referrals_from ON referrals (from_office_id, tramite_id);
CREATE INDEX entries_tramite ON entries (tramite_id, sequence);
CREATE INDEX notices_due ON notices (next_try_at) WHERE state = 'PENDING';
CREATE INDEX notices_address ON notices (address, created_at);
CREATE INDEX notices_tramite ON notices (tramite_id);
CREATE INDEX mail_items_tramite ON mail_items (tramite_id);
CREATE INDEX mail_slots_unmoved ON mail_slots (mailbox_id, uidvalidity, uid) WHERE moved_at IS NULL;
CREATE INDEX mail_slots_item ON mail_slots (item_id);
"""

CHECKS = """
ALTER TABLE contents ADD CONSTRAINT contents_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$' AND size_bytes >= 0);
ALTER TABLE sessions ADD CONSTRAINT sessions_token_hash CHECK (octet_length(token_hash) = 32);
ALTER TABLE number_series ADD CONSTRAINT number_series_positive CHECK (last_given > 0);
ALTER TABLE tramites ADD CONSTRAINT tramites_folios CHECK (folios > 0);
ALTER TABLE tramites ADD CONSTRAINT tramites_subject CHECK (subject <> '');
ALTER TABLE attachments ADD CONSTRAINT attachments_size CHECK (size_bytes >= 0);
ALTER TABLE notices ADD CONSTRAINT notices_state CHECK (
    (state = 'PENDING') = (next_try_at IS NOT NULL) AND (state = 'PENDING') = (finished_at IS NULL));
"""

GRANTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO mesa_app;
GRANT SELECT, INSERT, UPDATE ON users, posts, sessions, client_keys, uploads, contents, offices, tramites, attachments,
    referrals, receipts, notices, mailboxes, mail_items, mail_slots TO mesa_app;
GRANT SELECT ON entries, register_heads, number_series TO mesa_app;
REVOKE ALL ON FUNCTION register_take_number(text), register_append(text), register_refuse_change() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_take_number(text), register_append(text) TO mesa_app;
"""

UNDO = """
DROP FUNCTION register_append, register_take_number;
DROP TRIGGER entries_append_only ON entries;
DROP TRIGGER entries_no_truncate ON entries;
DROP FUNCTION register_refuse_change;
"""


class Migration(migrations.Migration):
    """Functions, guards, indexes, checks and grants that the models cannot say."""

    dependencies = [("mesa", "0001_initial")]
    operations = [
        ops.RunSQL(ROLE, ""),
        ops.RunSQL(HEAD, "DELETE FROM register_heads;"),
        ops.RunSQL(TAKE_NUMBER + APPEND + GUARDS, UNDO),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
