"""
The log of receipts: a Merkle tree (RFC 9162) of which entry *n* is the SHA-256 of the *n*-th sealed receipt.

`receipt_log` holds how many entries there are, `receipt_log_nodes` the hash of each complete node by level and
position, leaves at level 0. Both are written only by the database function `receipt_log_append`, and have no model.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class LogHead(Model):
    """
    The log as it was when a day in Lima was over: so many entries, their root, signed. No receipt is dated there later.

    Written only by `receipt_log_publish`, and by `receipt_log_stamp` its time stamp, once.
    """

    day = fields.DateField(primary_key=True)
    # The name of the log, the same in all heads: the public address of the counter when it began.
    log = fields.CharField(max_length=300)
    size = fields.BigIntField()
    root = fields.BinaryField()
    # CMS over the canonical bytes of the head, and the chain of its certificate as PEM.
    signature = fields.BinaryField()
    certificates = fields.TextField()
    made_at = fields.DatetimeField()
    # The token of RFC 3161 over the SHA-256 of the signature; None until there is one.
    time_stamp: bytes | None = fields.BinaryField(null=True)

    class Meta(Model.Meta):
        table = "receipt_log_heads"
