"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
import structlog

pytest_plugins = ["pytester"]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """``@pytest.mark.needs("curl")``: without the program the test is skipped, or fails where services are required."""
    for marker in item.iter_markers("needs"):
        (program,) = marker.args
        if shutil.which(program) is None:
            missing = f"there is no {program} here; install it"
            if os.environ.get("PRIP_REQUIRE_SERVICES"):
                pytest.fail(missing, pytrace=False)
            pytest.skip(missing)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A verb sets up logging for its whole process, which here is that of all tests."""
    yield
    structlog.reset_defaults()
