"""Service document, metadata document, single products, and the form of every error."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree
from structlog.testing import capture_logs

from prip_core.errors import CatalogueUnavailable, SchemaMismatch
from prip_core.principals import Credentials, Principal

GUID = "00000000-0000-0000-0000-00000000000a"
JSON = "application/json;odata.metadata=minimal"


@pytest.mark.parametrize("prefix", ["/odata/v1", "/prip", ""])
@pytest.mark.parametrize("end", ["", "/"])
def test_the_service_document(house: Any, ann: dict[str, str], prefix: str, end: str) -> None:
    answer = house.client(odata_path=prefix).get(f"{prefix}{end}" or "/", headers=ann)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.json is not None
    assert {"name": "Products", "kind": "EntitySet", "url": "Products"} in answer.json["value"]


@pytest.mark.parametrize("path", ["/odata/v1/$metadata", "//odata/v1///$metadata", "/odata/v1/$metadata/"])
def test_the_metadata_document(client: FlaskClient, ann: dict[str, str], path: str) -> None:
    answer = client.get("/", headers=ann, environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/xml"
    assert etree.fromstring(answer.data).tag.endswith("}Edmx")


@pytest.mark.parametrize(
    "query, accept, kind",
    [
        ("?$format=json", None, "application/json"),
        ("?$format=application/json;odata.metadata=minimal", "application/xml", "application/json"),
        ("?$format=xml", "application/json", "application/xml"),
        ("", "application/json", "application/json"),
        ("", "application/json;q=0.5, application/xml", "application/xml"),
        ("", "text/html, */*;q=0.1", "application/xml"),
        ("", "text/html", "application/xml"),
    ],
)
def test_the_form_of_the_metadata_document(
    client: FlaskClient, ann: dict[str, str], query: str, accept: str | None, kind: str
) -> None:
    headers = {**ann, "Accept": accept} if accept else ann
    answer = client.get(f"/odata/v1/$metadata{query}", headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
    assert answer.data.startswith(b"{" if kind == "application/json" else b"<?xml")


def test_other_forms_of_the_metadata_document_are_refused(client: FlaskClient, ann: dict[str, str]) -> None:
    assert client.get("/odata/v1/$metadata?$format=atom", headers=ann).status_code == 406


@pytest.mark.parametrize(
    "key",
    [
        GUID,
        GUID.upper(),
        f"'{GUID}'",
        f"Id={GUID}",
        f"Id='{GUID}'",
        f"%27{GUID}%27",
        f" {GUID} ",
    ],
)
def test_the_spellings_of_a_key(house: Any, client: FlaskClient, ann: dict[str, str], key: str) -> None:
    house.publish(10)
    answer = client.get(f"/odata/v1/Products({key})", headers=ann)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON
    assert answer.json is not None
    assert answer.json["@odata.context"] == "$metadata#Products/$entity"
    assert answer.json["Id"] == GUID
    assert answer.json["Online"] is True
    assert "Attributes" not in answer.json


@pytest.mark.parametrize(
    "key",
    [
        "",
        "''",
        "'",
        "some_inexistent_ID",
        GUID[:-1],
        GUID.replace("-", ""),
        f"{{{GUID}}}",
        f"urn:uuid:{GUID}",
        f"'{GUID}",
        f"Name='{GUID}'",
        "00000000-0000-0000-0000-0000000000ff",
    ],
)
def test_what_is_no_key(house: Any, client: FlaskClient, ann: dict[str, str], key: str) -> None:
    house.publish(10)
    answer = client.get(f"/odata/v1/Products({key})", headers=ann)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "NotFound"


@pytest.mark.parametrize(
    "query, present, absent",
    [
        ("", {"Name", "Checksum"}, {"Attributes"}),
        ("$expand=Attributes", {"Name", "Attributes"}, set()),
        ("%24expand=Attributes&$format=json", {"Name", "Attributes"}, set()),
        ("$select=Name", {"Name"}, {"Checksum", "Attributes"}),
        ("custom=1", {"Name"}, set()),
    ],
)
def test_the_options_of_a_product(
    house: Any, client: FlaskClient, ann: dict[str, str], query: str, present: set[str], absent: set[str]
) -> None:
    house.publish(10)
    answer = client.get(f"/odata/v1/Products({GUID})?{query}", headers=ann)
    assert answer.json is not None
    assert present <= set(answer.json)
    assert not absent & set(answer.json)


@pytest.mark.parametrize(
    "method, path, status, code",
    [
        ("GET", "/odata/v1/Nothing", 404, "NotFound"),
        ("GET", "/nowhere", 404, "NotFound"),
        ("GET", f"/odata/v1/Products({GUID})/Nothing", 404, "NotFound"),
        ("POST", "/odata/v1/Products", 405, "MethodNotAllowed"),
        ("PUT", "/odata/v1/Products", 405, "MethodNotAllowed"),
        *((method, f"/odata/v1/Products({GUID})", 405, "MethodNotAllowed") for method in ("PUT", "PATCH", "DELETE")),
        ("POST", f"/odata/v1/Products({GUID})/$value", 405, "MethodNotAllowed"),
        ("DELETE", f"/odata/v1/Products({GUID})/Name", 405, "MethodNotAllowed"),
        ("POST", "/odata/v1/DeletedProducts", 405, "MethodNotAllowed"),
        ("POST", "/health/live", 405, "MethodNotAllowed"),
        ("GET", f"/odata/v1/Products({GUID})?$nothing=1", 400, "BadRequest"),
        ("GET", f"/odata/v1/Products({GUID})?$top=1", 400, "BadRequest"),
        ("GET", "/odata/v1/Products?$filter=Nothing eq 1", 400, "BadRequest"),
        ("GET", "/odata/v1/Products?$top=-1", 400, "BadRequest"),
        ("GET", "/odata/v1/Products?$search=x", 501, "NotImplemented"),
        ("GET", "/odata/v1/Products?$format=xml", 406, "NotAcceptable"),
        ("GET", "/odata/v1/Products?$filter=%ff", 400, "BadRequest"),
    ],
)
def test_every_error_has_the_odata_form(
    client: FlaskClient, ann: dict[str, str], method: str, path: str, status: int, code: str
) -> None:
    answer = client.open(path, method=method, headers=ann)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == JSON
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.json is not None
    assert set(answer.json) == {"error"}
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["message"]
    if status == 405:
        assert "GET" in answer.headers["Allow"] or "/health" in path


@pytest.mark.parametrize("path", ["/odata/v1", "/odata/v1/$metadata", f"/odata/v1/Products({GUID})"])
def test_head_gives_the_headers_of_get(house: Any, client: FlaskClient, ann: dict[str, str], path: str) -> None:
    house.publish(10)
    whole, head = client.get(path, headers=ann), client.head(path, headers=ann)
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(whole.headers)
    assert whole.headers["Content-Length"] == str(len(whole.data))


def test_options(client: FlaskClient, ann: dict[str, str]) -> None:
    answer = client.options("/odata/v1/Products", headers=ann)
    assert answer.status_code == 200
    assert {"GET", "HEAD", "OPTIONS"} <= {method.strip() for method in answer.headers["Allow"].split(",")}


@pytest.mark.parametrize("error", [CatalogueUnavailable("disk /dev/sdq1 broke"), SchemaMismatch("run prip db upgrade")])
def test_a_catalogue_that_does_not_answer_is_503(house: Any, ann: dict[str, str], error: Exception) -> None:
    def fail(credentials: Credentials) -> Principal | None:
        raise error

    answer = house.client(authenticate=fail).get("/odata/v1", headers=ann)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert str(error).encode() not in answer.data
    assert answer.json is not None
    assert answer.json["error"]["code"] == "ServiceUnavailable"


def test_a_bug_is_500_with_a_reference_that_the_log_knows(house: Any, ann: dict[str, str]) -> None:
    def fail(credentials: Credentials) -> Principal | None:
        raise RuntimeError("internal secret")

    with capture_logs() as lines:
        answer = house.client(authenticate=fail).get("/odata/v1", headers=ann)
    assert answer.status_code == 500
    assert b"internal secret" not in answer.data
    assert answer.json is not None
    (reference,) = re.findall(r"reference (\w{12})", answer.json["error"]["message"])
    (line,) = [line for line in lines if line.get("reference") == reference]
    assert "internal secret" in str(line["exc_info"])
    assert line["plugin"] == __name__.partition(".")[0]
    assert line["version"]


@pytest.mark.parametrize("path, level", [("/odata/v1?x=1", "debug"), ("/odata/v1/nothing", "info")])
def test_each_request_has_a_line_in_the_log(client: FlaskClient, ann: dict[str, str], path: str, level: str) -> None:
    with capture_logs() as lines:
        answer = client.get(path, headers=ann)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert line["log_level"] == level
    assert (line["user"], line["method"], line["status"]) == ("ann", "GET", answer.status_code)
    assert line["bytes"] == len(answer.data)
    assert line["ms"] >= 0
    assert "secret" not in str(line)
    assert ann["Authorization"] not in str(lines)
