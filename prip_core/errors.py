"""Every error that the delivery point raises on purpose: one small tree, the facts on attributes, one sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prip_core.model import Finding


class PripError(Exception):
    """Base of all errors of the delivery point. ``str()`` of any of them is a sentence for a person."""


class ConfigError(PripError):
    """The configuration cannot be used; the start is refused with exit code 2.

    :param problems: one sentence each, starting with the setting's path (``serve.port: …``); all of them at once.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ProductRejected(PripError):
    """The product is refused: it goes to quarantine with this reason and is not tried again.

    :param reason: what is wrong with the product, where, and what the sender can do.
    :param findings: the quality findings that led here, if any.
    """

    def __init__(self, reason: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.findings = tuple(findings)


class NotRecognised(ProductRejected):
    """No loaded mission claims the name."""


class AmbiguousProduct(ProductRejected):
    """More than one mission claims the name.

    :param claimants: names of the missions that claim it.
    """

    def __init__(self, reason: str, claimants: Sequence[str], findings: Sequence[Finding] = ()) -> None:
        super().__init__(reason, findings)
        self.claimants = tuple(claimants)


class TransientError(PripError):
    """It failed now and may work later: the work stays due and is tried again with growing pauses.

    :param retry_after: the shortest pause before the next try, where the other side named one.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class PermanentError(PripError):
    """It failed and will fail again: the work is put aside for the operator, who may retry it."""


class ObjectMissing(PripError):
    """A storage has no object under this key.

    :param key: the key that was asked for.
    """

    def __init__(self, key: str) -> None:
        super().__init__(f"the storage has no object {key!r}")
        self.key = key


class AlreadyClaimed(PripError):
    """Another ingest worker took this candidate first."""


class LeaseLost(PripError):
    """The right to act has passed to another worker; whoever sees this lets go of the work at once."""


class ClockJumped(PripError):
    """The publication clock cannot be trusted: nothing is dated until an operator runs ``prip clock accept``."""


class SchemaMismatch(PripError):
    """The database has an older or newer schema than this program; exit code 2."""


class CatalogueUnavailable(PripError):
    """The database does not answer or refuses to write; the request may be repeated later."""


class BadQuery(PripError):
    """An OData request cannot be understood (HTTP 400)."""


class UnsupportedQuery(PripError):
    """An OData request is understood, but asks for something this service does not offer (HTTP 501)."""


class NotAcceptable(PripError):
    """A client asks for a format that is not served (HTTP 406)."""
