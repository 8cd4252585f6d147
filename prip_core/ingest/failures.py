"""What a failure means for a product: refuse it, or try again later, and when."""

from __future__ import annotations

import errno
from datetime import timedelta

from prip_core.back_off import back_off
from prip_core.errors import (
    AlreadyClaimed,
    CatalogueUnavailable,
    ClockJumped,
    ConfigError,
    LeaseLost,
    ObjectMissing,
    PermanentError,
    PripError,
    ProductRejected,
    SchemaMismatch,
    TransientError,
)
from prip_core.ingest.origin import origin_of

BUG_ATTEMPTS = 3
"""How often a product is tried again after an unexpected error, before it is put aside."""

DEATHS = 5
"""How many faults a product that workers die over may have, before it is put aside."""

_FIRST_PAUSE = timedelta(seconds=2)
_LONGEST_PAUSE = timedelta(minutes=5)

_PASSING = (TransientError, AlreadyClaimed, LeaseLost, ClockJumped, SchemaMismatch, CatalogueUnavailable)

_MACHINE_ERRORS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE),
        *(errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.ESTALE, errno.ETIMEDOUT, errno.ENETDOWN, errno.ENETUNREACH),
        *(errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE),
    }
)


def is_transient(error: Exception) -> bool:
    """Tell whether an error is the surroundings' fault and may pass, however often it comes back."""
    if isinstance(error, OSError):
        return error.errno in _MACHINE_ERRORS
    return isinstance(error, _PASSING)


def is_permanent(error: Exception) -> bool:
    """Tell whether an error will come back every time: the product goes to quarantine for an operator to look at."""
    return isinstance(error, PermanentError | ConfigError | ObjectMissing)


def is_fault(error: Exception) -> bool:
    """Tell whether an error is one that nobody expected: a bug of ours or of a plugin."""
    return not isinstance(error, ProductRejected) and not is_permanent(error) and not is_transient(error)


def verdict(error: Exception, faults: int) -> ProductRejected | None:
    """The refusal that a failure leads to; ``None``: try again later.

    :param faults: how often work on the product has failed unexpectedly before.
    """
    if isinstance(error, ProductRejected):
        return error
    if is_permanent(error):
        return ProductRejected(f"it cannot be taken in: {error}; put the cause right, then retry it")
    if not is_fault(error) or faults < BUG_ATTEMPTS:
        return None
    return ProductRejected(
        f"an unexpected error came {faults + 1} times: {one_line(error)}; the log has the details; "
        "the product may be good: retry it when the error is put right"
    )


def deadly(faults: int) -> ProductRejected | None:
    """The refusal of a product that workers died over again and again; ``None``: try it once more.

    :param faults: how often work on the product has ended with the worker's death or an unexpected error.
    """
    if faults < DEATHS:
        return None
    return ProductRejected(
        f"{faults} workers died or failed while they took it in; look for what killed them (memory, disk, the log), "
        "then retry it"
    )


def one_line(error: Exception) -> str:
    """An error in one line, with the plugin that raised it where it was unexpected."""
    if isinstance(error, PripError):
        return str(error)
    origin = origin_of(error)
    return f"{type(error).__name__}: {error} (in {origin['plugin']} {origin['version']})"


def pause_after(error: Exception, attempts: int) -> timedelta:
    """How long to wait before the next attempt; never shorter than the other side asks."""
    asked = error.retry_after if isinstance(error, TransientError) else None
    return max(back_off(attempts, first=_FIRST_PAUSE, longest=_LONGEST_PAUSE), asked or timedelta(0))
