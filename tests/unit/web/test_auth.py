"""Who is let in where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from prip_core.principals import Credentials
from prip_core.web.auth import read_basic

PRODUCT = "/odata/v1/Products(00000000-0000-0000-0000-000000000001)"
VALUE = f"{PRODUCT}/$value"


@pytest.mark.parametrize(
    "header, credentials",
    [
        ("Basic YW5uOnNlY3JldA==", Credentials(username="ann", password="secret")),
        ("basic  YW5uOnNlY3JldA== ", Credentials(username="ann", password="secret")),
        ("Basic Og==", Credentials(username="", password="")),
        ("Basic YTpiOmM=", Credentials(username="a", password="b:c")),
        ("Basic w6Q6w7w=", Credentials(username="ä", password="ü")),
        ("Basic 5Dr8", Credentials(username="ä", password="ü")),
        (None, None),
        ("", None),
        ("Basic", None),
        ("Basic YW5u", None),
        ("Basic YW5uOnNlY3JldA", None),
        ("Basic !!!!", None),
        ("Basic YQBuOnNlY3JldA==", None),  # a NUL in the name
        ("Basic YW5uOnNlYwpyZXQ=", None),  # a line break in the password
        ("Basic é", None),
        ("Bearer YW5uOnNlY3JldA==", None),
    ],
)
def test_the_header(header: str | None, credentials: Credentials | None) -> None:
    assert read_basic(header) == credentials


@pytest.mark.parametrize(
    "user, password, encoding, query, download",
    [
        ("ann", "secret", "utf-8", 200, 200),
        ("MISSION\\ann", "se:cr:et", "utf-8", 200, 200),
        ("ännchen", "gëheim", "utf-8", 200, 200),
        ("ännchen", "gëheim", "iso-8859-1", 200, 200),
        ("rob", "secret", "utf-8", 200, 403),
        ("ann", "Secret", "utf-8", 401, 401),
        ("ann", "", "utf-8", 401, 401),
        ("Ann", "secret", "utf-8", 401, 401),
        ("out", "secret", "utf-8", 401, 401),
        ("nobody", "secret", "utf-8", 401, 401),
        ("", "", "utf-8", 401, 401),
    ],
)
@pytest.mark.parametrize("anonymous", [False, True])
def test_users(
    house: Any, authorization: Callable[..., str], user: str, password: str, encoding: str, query: int, download: int,
    anonymous: bool,
) -> None:  # fmt: skip
    house.publish()
    client = house.client(anonymous=anonymous)
    headers = {"Authorization": authorization(user, password, encoding)}
    assert client.get(PRODUCT, headers=headers).status_code == query
    assert client.get(VALUE, headers=headers).status_code == download


@pytest.mark.parametrize(
    "anonymous, path, status",
    [
        (False, "/odata/v1", 401),
        (False, "/odata/v1/", 401),
        (False, "/odata/v1/$metadata", 401),
        (False, PRODUCT, 401),
        (False, VALUE, 401),
        (False, "/odata/v1/NoSuchThing", 401),
        (False, "/odata/v1x", 404),
        (False, "/health/live", 200),
        (False, "/health/ready", 200),
        (False, "/docs/", 200),
        (False, "/docs/openapi.json", 200),
        (True, "/odata/v1", 200),
        (True, PRODUCT, 200),
        (True, VALUE, 401),
        (True, "/odata/v1/NoSuchThing", 404),
    ],
)
def test_without_credentials(house: Any, anonymous: bool, path: str, status: int) -> None:
    house.publish()
    answer = house.client(anonymous=anonymous).get(path)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="prip", charset="UTF-8"'
        assert answer.json is not None
        assert answer.json["error"]["code"] == "Unauthorized"


def test_with_an_empty_prefix_all_but_health_and_docs_is_closed(house: Any, ann: dict[str, str]) -> None:
    client = house.client(odata_path="")
    assert [client.get(path).status_code for path in ("/", "/$metadata", "/x")] == [401, 401, 401]
    assert [client.get(path).status_code for path in ("/health/live", "/docs/")] == [200, 200]
    assert [client.get(path, headers=ann).status_code for path in ("/", "/$metadata", "/x")] == [200, 200, 404]


@pytest.mark.parametrize(
    "shown, said",
    [
        ({}, "A user name and its password are needed."),
        ({"Authorization": "Bearer x"}, "A user name and its password are needed."),
        ({"Authorization": "Basic YW5uOmh1c2g="}, "The user name or the password is wrong."),
    ],
)
def test_the_refusal_tells_missing_from_wrong(client: FlaskClient, shown: dict[str, str], said: str) -> None:
    answer = client.get("/odata/v1", headers=shown)
    assert answer.json is not None
    assert answer.json["error"]["message"] == said


def test_a_refused_login_is_logged_without_its_password(client: FlaskClient, authorization: Callable[..., str]) -> None:
    with capture_logs() as lines:
        client.get("/odata/v1", headers={"Authorization": authorization("ann", "hush")})
    refused = [line for line in lines if line["event"] == "login refused"]
    assert [(line["user"], line["address"]) for line in refused] == [("ann", "127.0.0.1")]
    assert "hush" not in str(lines)
    assert authorization("ann", "hush") not in str(lines)


def test_what_is_forbidden_names_the_missing_role(
    house: Any, client: FlaskClient, authorization: Callable[..., str]
) -> None:
    house.publish()
    answer = client.get(VALUE, headers={"Authorization": authorization("rob", "secret")})
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["error"]["code"] == "Forbidden"
    assert "Download" in answer.json["error"]["message"]
