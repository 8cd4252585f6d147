"""Rejections as JSON objects: as the catalogue keeps them, as ``reason.json`` tells them, and as an event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from prip_core.model import Finding, ProductRejectedEvent, Rejection, Severity
from prip_core.times import format_utc, parse_utc


def rejection_document(rejection: Rejection) -> dict[str, Any]:
    """A rejection as what JSON can hold; its time to the millisecond."""
    return {
        "uuid": str(rejection.uuid),
        "name": rejection.name,
        "reason": rejection.reason,
        "when": format_utc(rejection.when),
        "inbox": rejection.inbox,
        "findings": finding_documents(rejection.findings),
    }


def finding_documents(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as what JSON can hold."""
    return [
        {"rule": found.rule, "severity": found.severity.value, "message": found.message, "member": found.member}
        for found in findings
    ]


def read_finding(document: Mapping[str, Any]) -> Finding:
    """One of what :func:`finding_documents` made.

    :raises KeyError, TypeError, ValueError: it is something else.
    """
    member = document["member"]
    return Finding(
        rule=str(document["rule"]),
        severity=Severity(document["severity"]),
        message=str(document["message"]),
        member=None if member is None else str(member),
    )


def read_rejection(document: Mapping[str, Any]) -> Rejection:
    """What :func:`rejection_document` made; members that it does not know are passed over.

    :raises ValueError: it is something else.
    """
    try:
        return Rejection(
            uuid=UUID(document["uuid"]),
            name=str(document["name"]),
            reason=str(document["reason"]),
            when=parse_utc(document["when"]),
            findings=tuple(read_finding(found) for found in document["findings"]),
            inbox=str(document.get("inbox", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not what a delivery point writes: {error!r}") from error


def event_document(event: ProductRejectedEvent) -> dict[str, Any]:
    """What happened to a product as what JSON can hold: that of its rejection, size and arrival."""
    return {
        "event": "rejected",
        **rejection_document(event.rejection),
        "size": event.size,
        "arrived": format_utc(event.arrived),
    }


def read_event(document: Mapping[str, Any]) -> ProductRejectedEvent:
    """What :func:`event_document` made; members that it does not know are passed over.

    :raises ValueError: it is something else.
    """
    rejection = read_rejection(document)
    try:
        return ProductRejectedEvent(
            rejection=rejection,
            size=int(document["size"]),
            arrived=parse_utc(document["arrived"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is not what a delivery point writes: {error!r}") from error
