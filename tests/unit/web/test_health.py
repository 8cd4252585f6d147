"""Health and the operator API's description."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.testing.clock import FixedClock


def _reasons(client: FlaskClient, status: int) -> list[str]:
    answer = client.get("/health/ready")
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["status"] == ("ready" if status == 200 else "not ready")
    return list(answer.json["reasons"])


def test_all_is_well(client: FlaskClient) -> None:
    assert client.get("/health/live").json == {"status": "alive"}
    assert _reasons(client, 200) == []


def test_the_catalogue_is_away(house: Any, client: FlaskClient, tmp_path: Path) -> None:
    house.context.catalogue.close()
    for path in tmp_path.glob("prip.db*"):
        path.unlink()
    (reason,) = _reasons(client, 503)
    assert reason.startswith("catalogue: ")
    assert client.get("/health/live").status_code == 200


def test_another_program_upgraded_the_catalogue(client: FlaskClient, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "prip.db")) as database, database:
        database.execute("UPDATE schema_migration SET name = '9999_from_the_future' WHERE id = 1")
    (reason,) = _reasons(client, 503)
    assert reason.startswith("catalogue: ")
    assert "9999_from_the_future" in reason


def test_the_clock_is_not_trusted(client: FlaskClient, clock: FixedClock) -> None:
    clock.set(clock.now() + timedelta(days=3650))
    (reason,) = _reasons(client, 503)
    assert reason.startswith("publication clock: ")
    assert "prip clock accept" in reason


def test_a_storage_is_away(house: Any, client: FlaskClient) -> None:
    house.archive.rename(house.archive.with_name("unmounted"))
    (reason,) = _reasons(client, 503)
    assert reason.startswith("storage archive: ")


def test_an_inbox_is_away(house: Any, tmp_path: Path) -> None:
    inbox = _inbox(tmp_path / "inbox")
    client = house.client(inboxes={"chain": inbox})
    assert _reasons(client, 200) == []
    (tmp_path / "inbox").rename(tmp_path / "elsewhere")
    (reason,) = _reasons(client, 503)
    assert reason.startswith("inbox chain: ")


def _inbox(path: Path) -> FolderInbox:
    path.mkdir()
    quarantine = path.with_name("quarantine")
    return FolderInbox(FolderInbox.Settings.model_construct(path=path, quarantine=quarantine))


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_about_the_operator_api_loads_nothing_from_elsewhere(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "GET /health/ready" in answer.text
    assert not re.findall(r"https?://|<script|src=", answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_description_of_the_operator_api(client: FlaskClient) -> None:
    description = client.get("/docs/openapi.json").json
    assert description is not None
    assert set(description["paths"]) == {"/health/live", "/health/ready"}
    assert set(description["paths"]["/health/ready"]["get"]["responses"]) >= {"200", "503"}
    assert description["info"]["title"] == "Operator API of prip"


def test_a_path_without_anything_names_the_page_that_helps(client: FlaskClient) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert "/docs" in answer.text
