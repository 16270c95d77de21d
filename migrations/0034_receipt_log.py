"""
The log of receipts, its heads, and what keeps a receipt from being dated on a day whose head is published.

The log is a Merkle tree (RFC 9162, section 2.1) of which all complete nodes are rows. The application appends by
`receipt_log_append`, publishes by `receipt_log_publish` and stamps by `receipt_log_stamp`; it writes nothing else.

Who issues a receipt and who publishes a head exclude each other by an advisory lock, which issuers share: a head waits
for what is being issued, and what is issued meanwhile waits for the head, and is judged by it.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

TABLES = """
CREATE TABLE receipt_log (
    id smallint PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL CHECK (size >= 0)
);
CREATE TABLE receipt_log_nodes (
    level smallint NOT NULL CHECK (level >= 0),
    position bigint NOT NULL CHECK (position >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, position)
);
COMMENT ON TABLE receipt_log IS 'How many entries the log of receipts has; the lock under which it grows.';
COMMENT ON TABLE receipt_log_nodes IS 'Each complete node of the log: over 2^level entries from position * 2^level on.';
INSERT INTO receipt_log (id, size) VALUES (1, 0);
"""
UNDO_TABLES = "DROP TABLE receipt_log_nodes; DROP TABLE receipt_log;"

APPEND = r"""
CREATE FUNCTION receipt_log_append(p_entries bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first bigint;
    next bigint;
    entry bytea;
    node bytea;
    depth smallint;
    place bigint;
BEGIN
    SELECT size INTO STRICT first FROM public.receipt_log FOR UPDATE;
    next := first;
    FOREACH entry IN ARRAY p_entries LOOP
        IF octet_length(entry) IS DISTINCT FROM 32 THEN
            RAISE EXCEPTION 'an entry of the log is a SHA-256' USING ERRCODE = 'check_violation';
        END IF;
        depth := 0;
        place := next;
        node := sha256('\x00'::bytea || entry);
        INSERT INTO public.receipt_log_nodes (level, position, hash) VALUES (depth, place, node);
        WHILE place & 1 = 1 LOOP
            SELECT sha256('\x01'::bytea || hash || node) INTO STRICT node
            FROM public.receipt_log_nodes WHERE level = depth AND position = place - 1;
            depth := depth + 1;
            place := place >> 1;
            INSERT INTO public.receipt_log_nodes (level, position, hash) VALUES (depth, place, node);
        END LOOP;
        next := next + 1;
    END LOOP;
    UPDATE public.receipt_log SET size = next;
    RETURN first;
END $$;
"""

ROOT = r"""
CREATE FUNCTION receipt_log_root(p_size bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    joined bytea;
    node bytea;
    depth smallint := 0;
BEGIN
    WHILE p_size >> depth > 0 LOOP
        IF (p_size >> depth) & 1 = 1 THEN
            SELECT hash INTO STRICT node FROM public.receipt_log_nodes
            WHERE level = depth AND position = (p_size >> depth) - 1;
            joined := CASE WHEN joined IS NULL THEN node ELSE sha256('\x01'::bytea || node || joined) END;
        END IF;
        depth := depth + 1;
    END LOOP;
    RETURN coalesce(joined, sha256(''::bytea));
END $$;
"""

PUBLISH = """
CREATE FUNCTION receipt_log_publish(
    p_log text, p_day date, p_size bigint, p_root bytea, p_signature bytea, p_certificates text, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before public.receipt_log_heads;
BEGIN
    PERFORM pg_advisory_xact_lock(7242034);
    SELECT * INTO before FROM public.receipt_log_heads ORDER BY day DESC LIMIT 1;
    IF before.day >= p_day THEN
        RETURN false;
    END IF;
    IF public.report_day(p_at) <= p_day THEN
        RAISE EXCEPTION 'a head is made when its day is over' USING ERRCODE = 'check_violation';
    END IF;
    IF p_log <> before.log OR p_size < coalesce(before.size, 0) OR p_size > (SELECT size FROM public.receipt_log)
        OR p_root IS DISTINCT FROM public.receipt_log_root(p_size) THEN
        RAISE EXCEPTION 'that is no head of the log' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO public.receipt_log_heads (log, day, size, root, signature, certificates, made_at)
    VALUES (p_log, p_day, p_size, p_root, p_signature, p_certificates, p_at);
    RETURN true;
END $$;
"""

STAMP = """
CREATE FUNCTION receipt_log_stamp(p_day date, p_time_stamp bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.receipt_log_heads SET time_stamp = p_time_stamp WHERE day = p_day AND time_stamp IS NULL;
    RETURN FOUND;
END $$;
"""

GUARDS = """
CREATE TRIGGER receipt_log_nodes_append_only BEFORE UPDATE OR DELETE ON receipt_log_nodes
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER receipt_log_nodes_no_truncate BEFORE TRUNCATE ON receipt_log_nodes
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
CREATE FUNCTION receipt_log_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.size >= OLD.size THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the log of receipts only grows' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER receipt_log_only_grows BEFORE UPDATE ON receipt_log
FOR EACH ROW EXECUTE FUNCTION receipt_log_only_grow();
CREATE TRIGGER receipt_log_no_delete BEFORE DELETE ON receipt_log
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER receipt_log_no_truncate BEFORE TRUNCATE ON receipt_log
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
CREATE FUNCTION receipt_log_only_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unstamped public.receipt_log_heads := NEW;
BEGIN
    unstamped.time_stamp := NULL;
    IF OLD.time_stamp IS NULL AND unstamped = OLD THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a head gets a time stamp once, and else stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER receipt_log_heads_only_stamp BEFORE UPDATE ON receipt_log_heads
FOR EACH ROW EXECUTE FUNCTION receipt_log_only_stamp();
CREATE TRIGGER receipt_log_heads_no_delete BEFORE DELETE ON receipt_log_heads
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER receipt_log_heads_no_truncate BEFORE TRUNCATE ON receipt_log_heads
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
"""
UNDO_GUARDS = """
DROP TRIGGER receipt_log_heads_only_stamp ON receipt_log_heads;
DROP FUNCTION receipt_log_only_stamp();
DROP TRIGGER receipt_log_only_grows ON receipt_log;
DROP FUNCTION receipt_log_only_grow();
"""

DATES = """
CREATE FUNCTION receipts_keep_date() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'the date of a receipt stays' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(7242034);
    IF EXISTS (SELECT FROM public.receipt_log_heads WHERE day >= public.report_day(NEW.issued_at)) THEN
        RAISE EXCEPTION 'the head of the log of that day is published' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipts_not_before_head BEFORE INSERT ON receipts
FOR EACH ROW EXECUTE FUNCTION receipts_keep_date();
CREATE TRIGGER receipts_keep_their_date BEFORE UPDATE ON receipts
FOR EACH ROW WHEN (NEW.issued_at IS DISTINCT FROM OLD.issued_at) EXECUTE FUNCTION receipts_keep_date();
"""
UNDO_DATES = """
DROP TRIGGER receipts_not_before_head ON receipts;
DROP TRIGGER receipts_keep_their_date ON receipts;
DROP FUNCTION receipts_keep_date();
"""

INDEXES = "CREATE INDEX receipt_log_heads_unstamped ON receipt_log_heads (day) WHERE time_stamp IS NULL;"

CHECKS = """
ALTER TABLE receipt_log_heads ADD CONSTRAINT receipt_log_heads_bytes CHECK (
    size >= 0 AND octet_length(root) = 32 AND octet_length(signature) > 0 AND octet_length(time_stamp) > 0);
"""

GRANTS = """
GRANT SELECT ON receipt_log, receipt_log_nodes, receipt_log_heads TO mesa_app;
REVOKE ALL ON FUNCTION receipt_log_append(bytea[]), receipt_log_root(bigint),
    receipt_log_publish(text, date, bigint, bytea, bytea, text, timestamptz), receipt_log_stamp(date, bytea),
    receipt_log_only_grow(), receipt_log_only_stamp(), receipts_keep_date() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receipt_log_append(bytea[]), receipt_log_root(bigint),
    receipt_log_publish(text, date, bigint, bytea, bytea, text, timestamptz), receipt_log_stamp(date, bytea) TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables, functions, guards, index, check and grants."""

    dependencies = [("mesa", "0033_one_mail_per_account")]

    operations = [
        ops.CreateModel(
            name="LogHead",
            fields=[
                ("day", fields.DateField(primary_key=True, unique=True, db_index=True)),
                ("log", fields.CharField(max_length=300)),
                ("size", fields.BigIntField()),
                ("root", fields.BinaryField()),
                ("signature", fields.BinaryField()),
                ("certificates", fields.TextField(unique=False)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("time_stamp", fields.BinaryField(null=True)),
            ],
            options={
                "table": "receipt_log_heads",
                "app": "mesa",
                "pk_attr": "day",
                "table_description": "The log as it was when a day in Lima was over: so many entries, their root, signed. No receipt is dated there later.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(TABLES, UNDO_TABLES),
        ops.RunSQL(APPEND, "DROP FUNCTION receipt_log_append(bytea[]);"),
        ops.RunSQL(ROOT, "DROP FUNCTION receipt_log_root(bigint);"),
        ops.RunSQL(PUBLISH, "DROP FUNCTION receipt_log_publish(text, date, bigint, bytea, bytea, text, timestamptz);"),
        ops.RunSQL(STAMP, "DROP FUNCTION receipt_log_stamp(date, bytea);"),
        ops.RunSQL(GUARDS, UNDO_GUARDS),
        ops.RunSQL(DATES, UNDO_DATES),
        ops.RunSQL(INDEXES, "DROP INDEX receipt_log_heads_unstamped;"),
        ops.RunSQL(CHECKS, "ALTER TABLE receipt_log_heads DROP CONSTRAINT receipt_log_heads_bytes;"),
        ops.RunSQL(GRANTS, ""),
    ]
