"""
The number of a trámite, made where its serial is taken.

A filing then needs one round trip for number, rows and entry, and holds the register's lock no longer than that. The
rule itself is `rules.numbering.format_number`; a test holds the two together.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

TRAMITE_NUMBER = """
CREATE FUNCTION tramite_number(p_series text, p_serial int) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    alphabet constant text := '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    digits text := lpad(p_serial::text, greatest(6, length(p_serial::text)), '0');
    body text := replace(p_series, '-', '') || digits;
    residue int := 18;
BEGIN
    FOR place IN 1..length(body) LOOP
        residue := (coalesce(nullif(residue, 0), 36) * 2 % 37 + strpos(alphabet, substr(body, place, 1)) - 1) % 36;
    END LOOP;
    residue := ((1 - coalesce(nullif(residue, 0), 36) * 2 % 37) % 36 + 36) % 36;
    RETURN p_series || '-' || digits || '-' || substr(alphabet, residue + 1, 1);
END $$;
"""

GRANTS = """
REVOKE ALL ON FUNCTION tramite_number(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tramite_number(text, int) TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the function."""

    dependencies = [("mesa", "0004_tasks")]
    operations = [
        ops.RunSQL(TRAMITE_NUMBER, "DROP FUNCTION tramite_number(text, int);"),
        ops.RunSQL(GRANTS, ""),
    ]
