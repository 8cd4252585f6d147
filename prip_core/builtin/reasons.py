"""``reason.json``: why a product lies in quarantine, for people and programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from prip_core import Finding, Rejection, Severity, format_utc, parse_utc


def write_reason(rejection: Rejection, inbox: str) -> bytes:
    """The content of ``reason.json``.

    :param inbox: where the product had arrived.
    """
    content = {
        "uuid": str(rejection.uuid),
        "name": rejection.name,
        "reason": rejection.reason,
        "when": format_utc(rejection.when),
        "inbox": inbox,
        "findings": [
            {"rule": found.rule, "severity": found.severity.value, "message": found.message, "member": found.member}
            for found in rejection.findings
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def read_reason(content: bytes, uuid: UUID) -> Rejection:
    """What :func:`write_reason` wrote about this ingestion.

    :raises ValueError: it is something else.
    """
    try:
        return _rejection(json.loads(content), uuid)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not what a delivery point writes: {error!r}") from error


def unexplained(uuid: UUID, name: str, when: datetime, why: str) -> Rejection:
    """A product whose reason cannot be told."""
    return Rejection(uuid=uuid, name=name, when=when, reason=f"its reason.json cannot be read: {why}")


def _rejection(content: Mapping[str, Any], uuid: UUID) -> Rejection:
    name = str(content["name"])
    if content["uuid"] != str(uuid):
        raise ValueError(f"it is about {content['uuid']}")
    if not name or "/" in name or name in {".", ".."}:
        raise ValueError(f"{name!r} is no name of a product")
    return Rejection(
        uuid=uuid,
        name=name,
        reason=str(content["reason"]),
        when=parse_utc(content["when"]),
        findings=tuple(_finding(found) for found in content["findings"]),
    )


def _finding(found: Mapping[str, Any]) -> Finding:
    member = found["member"]
    return Finding(
        rule=str(found["rule"]),
        severity=Severity(found["severity"]),
        message=str(found["message"]),
        member=None if member is None else str(member),
    )
