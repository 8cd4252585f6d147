"""Who is let in changes at once: a disabled user and a changed password count in every server process."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from prip_core.testing.delivery_point import DeliveryPoint

GRACE = 1.5
"""Seconds after which a change must count: a remembered login lives for one second."""


@pytest.fixture
def alice(running: DeliveryPoint, tmp_path: Path) -> tuple[str, str]:
    name, password = f"alice-{tmp_path.name[-20:]}", "first secret"
    (tmp_path / "password").write_text(password)
    assert running.prip("user", "add", name, "--password-file", str(tmp_path / "password")).returncode == 0
    return name, password


def statuses(point: DeliveryPoint, login: tuple[str, str]) -> set[int]:
    """Of enough requests to meet both server processes."""
    return {requests.get(f"{point.products_url}?$top=1", auth=login, timeout=120).status_code for _ in range(12)}


def test_a_disabled_user_is_out(running: DeliveryPoint, alice: tuple[str, str]) -> None:
    assert statuses(running, alice) == {200}
    assert running.prip("user", "disable", alice[0]).returncode == 0
    time.sleep(GRACE)
    assert statuses(running, alice) == {401}


def test_a_changed_password_counts(running: DeliveryPoint, alice: tuple[str, str], tmp_path: Path) -> None:
    assert statuses(running, alice) == {200}
    (tmp_path / "new").write_text("second secret")
    assert running.prip("user", "passwd", alice[0], "--password-file", str(tmp_path / "new")).returncode == 0
    time.sleep(GRACE)
    assert statuses(running, alice) == {401}
    assert statuses(running, (alice[0], "second secret")) == {200}


def test_a_stranger_is_asked_for_a_password(running: DeliveryPoint) -> None:
    answer = requests.get(running.products_url, auth=("nobody", "nothing"), timeout=120)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
