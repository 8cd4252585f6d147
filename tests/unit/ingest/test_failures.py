"""What a failure means: refusal, or a pause of what length."""

from __future__ import annotations

import errno
from datetime import timedelta

import pytest

from prip_core.errors import (
    BadQuery,
    CatalogueUnavailable,
    ClockJumped,
    ConfigError,
    NotRecognised,
    ObjectMissing,
    PermanentError,
    ProductRejected,
    TransientError,
)
from prip_core.ingest.failures import BUG_ATTEMPTS, one_line, pause_after, verdict


@pytest.mark.parametrize(
    ("error", "first", "later"),
    [
        (ProductRejected("bad"), "refuse", "refuse"),
        (NotRecognised("whose?"), "refuse", "refuse"),
        (PermanentError("never"), "refuse", "refuse"),
        (ConfigError("never"), "refuse", "refuse"),
        (ObjectMissing("k"), "refuse", "refuse"),
        (TransientError("later"), "retry", "retry"),
        (CatalogueUnavailable("later"), "retry", "retry"),
        (ClockJumped("later"), "retry", "retry"),
        (OSError(errno.ENOSPC, "full"), "retry", "retry"),
        (ConnectionResetError(errno.ECONNRESET, "reset"), "retry", "retry"),
        (FileNotFoundError(errno.ENOENT, "gone"), "retry", "refuse"),
        (OSError("without a number"), "retry", "refuse"),
        (KeyError("x"), "retry", "refuse"),
        (BadQuery("nobody asks anything here"), "retry", "refuse"),
        (MemoryError(), "retry", "refuse"),
    ],
)
def test_errors_lead_to_refusal_or_retry(error: Exception, first: str, later: str) -> None:
    for faults, expected in [(0, first), (BUG_ATTEMPTS - 1, first), (BUG_ATTEMPTS, later), (1000, later)]:
        assert ("retry" if verdict(error, faults) is None else "refuse") == expected


def test_pauses_grow_are_bounded_and_jittered() -> None:
    error = TransientError("later")
    assert timedelta(seconds=1) <= pause_after(error, 1) <= timedelta(seconds=2)
    assert timedelta(seconds=4) <= pause_after(error, 3) <= timedelta(seconds=8)
    assert timedelta(seconds=150) <= pause_after(error, 10_000) <= timedelta(minutes=5)
    assert len({pause_after(error, 5) for _ in range(20)}) > 1


@pytest.mark.parametrize("asked", [timedelta(minutes=10), timedelta(hours=10)])
def test_the_other_side_may_ask_for_more(asked: timedelta) -> None:
    assert pause_after(TransientError("later", retry_after=asked), 1) == asked


def test_an_unexpected_error_names_the_package_that_raised_it() -> None:
    import pydantic

    class Model(pydantic.BaseModel):
        x: int

    with pytest.raises(pydantic.ValidationError) as raised:
        Model.model_validate({})
    assert "in pydantic 2." in one_line(raised.value) or "in tests" in one_line(raised.value)
    assert one_line(TransientError("the sentence")) == "the sentence"
