"""Pages of other origins: preflights, and what they may read."""

from __future__ import annotations

from typing import Any

import pytest

GUI = "https://gui.example.org"
LIST = "/odata/v1/Products"
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization,content-type"}


def listed(value: str) -> set[str]:
    return {part.strip().lower() for part in value.split(",")}


@pytest.mark.parametrize("path", [LIST, f"{LIST}/$count", f"{LIST}/OData.CSC.FilterList", "/odata/v1", "/nowhere"])
@pytest.mark.parametrize("origins, origin", [({GUI}, GUI), ({"*"}, "*")])
def test_a_preflight_needs_no_credentials(house: Any, path: str, origins: set[str], origin: str) -> None:
    answer = house.client(cors_origins=frozenset(origins)).options(path, headers={"Origin": GUI, **PREFLIGHT})
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert {"get", "head", "post"} <= listed(answer.headers["Access-Control-Allow-Methods"])
    allowed = listed(answer.headers["Access-Control-Allow-Headers"])
    assert {"authorization", "content-type", "range", "prefer", "if-match", "if-none-match", "if-range"} <= allowed
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert ("Origin" in answer.headers.get("Vary", "")) == (origin == GUI)


@pytest.mark.parametrize(
    "path, status",
    [(LIST, 200), (f"{LIST}?$top=x", 400), (f"{LIST}(x)/Name", 404), (f"{LIST}/OData.CSC.FilterList", 405)],
)
def test_answers_and_errors_can_be_read(house: Any, ann: dict[str, str], path: str, status: int) -> None:
    answer = house.client(cors_origins=frozenset({GUI})).get(path, headers={**ann, "Origin": GUI})
    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == GUI
    assert answer.headers["Vary"] == "Origin"
    exposed = listed(answer.headers["Access-Control-Expose-Headers"])
    assert {"content-disposition", "content-length", "content-range", "etag", "odata-version"} <= exposed


def test_refusals_and_failures_can_be_read(house: Any) -> None:
    client = house.client(cors_origins=frozenset({GUI}))
    refused = client.get(LIST, headers={"Origin": GUI})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, GUI)

    def fail(credentials: Any) -> None:
        raise RuntimeError("a bug")

    broken = house.client(cors_origins=frozenset({GUI}), authenticate=fail)
    answer = broken.get(LIST, headers={"Origin": GUI, "Authorization": "Basic eDp5"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (500, GUI)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {}])
def test_other_origins_are_told_nothing(house: Any, ann: dict[str, str], headers: dict[str, str]) -> None:
    client = house.client(cors_origins=frozenset({GUI}))
    for answer in (
        client.get(LIST, headers={**ann, **headers}),
        client.options(LIST, headers={**headers, **PREFLIGHT}),
    ):
        assert not any(name.startswith("Access-Control-") for name, _ in answer.headers)
        assert answer.headers["Vary"] == "Origin"


def test_without_the_setting_nothing_changes(house: Any, ann: dict[str, str]) -> None:
    client = house.client()
    assert client.options(LIST, headers={"Origin": GUI, **PREFLIGHT}).status_code == 401
    answer = client.get(LIST, headers={**ann, "Origin": GUI})
    assert not {"Vary", "Access-Control-Allow-Origin"} & set(answer.headers.keys())


def test_an_ordinary_options_request_is_no_preflight(house: Any, ann: dict[str, str]) -> None:
    answer = house.client(cors_origins=frozenset({GUI})).options(LIST, headers={**ann, "Origin": GUI})
    assert answer.status_code == 200
    assert "GET" in answer.headers["Allow"]
