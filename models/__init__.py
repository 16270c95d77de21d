"""Rows of the record."""

MODULES = (
    "models.people",
    "models.catalogue",
    "models.calendar",
    "models.counter_policy",
    "models.files",
    "models.tramites",
    "models.register",
    "models.receipts",
    "models.bounces",
    "models.mail",
    "models.taxpayers",
    "models.tasks",
    "models.rounds",
    "models.drafts",
    "models.codes",
    "models.requests",
    "models.desk",
    "models.searches",
    "models.retention",
)
