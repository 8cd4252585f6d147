"""A rejection as text, the form in which an ingestion's row keeps it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from prip_core.model import Finding, Rejection, Severity
from prip_core.times import parse_utc


def rejection_text(rejection: Rejection) -> str:
    """A rejection as JSON."""
    return orjson.dumps(rejection).decode()


def read_rejection(text: str) -> Rejection:
    """A rejection from the JSON that :func:`rejection_text` wrote."""
    values: dict[str, Any] = orjson.loads(text)
    return Rejection(
        uuid=UUID(values["uuid"]),
        name=values["name"],
        reason=values["reason"],
        when=parse_utc(values["when"]),
        findings=tuple(
            Finding(
                rule=finding["rule"],
                severity=Severity(finding["severity"]),
                message=finding["message"],
                member=finding["member"],
            )
            for finding in values["findings"]
        ),
    )
