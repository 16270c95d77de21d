"""The page that is measured: my trámites, the first twenty, with kind, office, the last five acts, and files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

FIRST = 20
VARIABLES = {"first": FIRST}

DOCUMENT = """query MyTramites($first: Int!) {
  tramites(first: $first) {
    edges {
      node {
        id
        number
        subject
        status
        documentKind
        folios
        sentAt
        office { code name }
        history(last: 5) { sequence act toStatus text at }
        attachments { id name kind sizeBytes }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def normalised(answer: dict[str, Any]) -> dict[str, Any]:
    """
    Return what an answer says, however it is written: the same for every server that shows the same page.

    Cursors are for each server's own use.
    """
    page = answer["data"]["tramites"]
    assert isinstance(page["pageInfo"]["endCursor"], str)
    return {"hasNextPage": page["pageInfo"]["hasNextPage"], "nodes": [_node(edge["node"]) for edge in page["edges"]]}


def _node(node: dict[str, Any]) -> dict[str, Any]:
    history = [{**act, "sequence": str(act["sequence"]), "at": _instant(act["at"])} for act in node["history"]]
    return {**node, "sentAt": _instant(node["sentAt"]), "history": history}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
