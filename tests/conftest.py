"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A verb sets up logging for its whole process, which here is that of all tests."""
    yield
    structlog.reset_defaults()
