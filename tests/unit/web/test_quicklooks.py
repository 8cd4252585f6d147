"""Pictures: in answers, and their bytes, for whoever may query."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

ID = UUID(int=1)
ONE = f"/odata/v1/Products({ID})"
FILES = {"first.jpg": b"JPEG", "second.png": b"PNG!"}


@pytest.fixture
def rob(authorization: Any) -> dict[str, str]:
    """The headers of a user who may query and not download."""
    return {"Authorization": authorization("rob", "secret")}


@pytest.fixture
def pictured(house: Any, client: FlaskClient) -> FlaskClient:
    keys = [f"MSI_L2A_TL/2026/03/01/{ID}/quicklooks/{name}" for name in FILES]
    for key, data in zip(keys, FILES.values(), strict=True):
        house.storage.put(key, io.BytesIO(data), size=len(data))
    house.publish(1, quicklooks=tuple(keys))
    house.publish(2)
    return client


def test_quicklooks_of_a_product(pictured: FlaskClient, rob: dict[str, str]) -> None:
    expected = [
        {"@odata.mediaContentType": "image/jpeg", "Image": "first.jpg"},
        {"@odata.mediaContentType": "image/png", "Image": "second.png"},
    ]
    assert pictured.get(f"{ONE}/Quicklooks", headers=rob).json == {
        "@odata.context": "$metadata#Quicklooks",
        "value": expected,
    }
    assert pictured.get(f"{ONE}/Quicklooks('second.png')", headers=rob).json == {
        "@odata.context": "$metadata#Quicklooks/$entity",
        **expected[1],
    }


@pytest.mark.parametrize("address", ["/odata/v1/Products?", f"{ONE}?"])
def test_pictures_are_expanded(pictured: FlaskClient, rob: dict[str, str], address: str) -> None:
    answer = pictured.get(f"{address}$expand=Attributes&$expand=Assets,Quicklooks, Locations&$select=Name", headers=rob)
    assert answer.json is not None
    product = answer.json.get("value", [answer.json])[0]
    assert {name for name in product if not name.startswith("@")} == {
        "Id",
        "Name",
        "Attributes",
        "Quicklooks",
        "Assets",
        "Locations",
    }
    assert [each["Image"] for each in product["Quicklooks"]] == list(FILES)
    assert product["Locations"] == []
    for asset, data in zip(product["Assets"], FILES.values(), strict=True):
        assert asset["Type"] == "QUICKLOOK"
        assert asset["DownloadLink"].startswith("http://localhost/odata/v1/Products(")
        assert pictured.get(asset["DownloadLink"], headers=rob).data == data


def test_products_without_pictures_have_empty_lists(pictured: FlaskClient, rob: dict[str, str]) -> None:
    answer = pictured.get("/odata/v1/Products?$expand=*&$skip=1", headers=rob)
    assert answer.json is not None
    (product,) = answer.json["value"]
    assert (product["Quicklooks"], product["Assets"], product["Locations"]) == ([], [], [])


def test_a_picture_is_no_download(pictured: FlaskClient, rob: dict[str, str]) -> None:
    answer = pictured.get(f"{ONE}/Quicklooks('first.jpg')/$value", headers=rob)
    assert (answer.status_code, answer.data) == (200, b"JPEG")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == 'inline; filename="first.jpg"'
    assert "max-age" in answer.headers["Cache-Control"]
    assert pictured.get(f"{ONE}/$value", headers=rob).status_code == 403
    assert pictured.get(f"{ONE}/Quicklooks('first.jpg')/$value").status_code == 401


def test_a_picture_can_be_kept_and_asked_for_in_part(pictured: FlaskClient, rob: dict[str, str]) -> None:
    address = f"{ONE}/Quicklooks('first.jpg')/$value"
    head = pictured.head(address, headers=rob)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", "4")
    again = pictured.get(address, headers={**rob, "If-None-Match": head.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "max-age" in again.headers["Cache-Control"]
    part = pictured.get(address, headers={**rob, "Range": "bytes=1-2"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"PE", "bytes 1-2/4")
    other = pictured.head(f"{ONE}/Quicklooks('second.png')/$value", headers=rob)
    assert other.headers["ETag"] != head.headers["ETag"]


@pytest.mark.parametrize("start", ["", "/"])
def test_the_first_picture_has_a_name_that_clients_know(pictured: FlaskClient, rob: dict[str, str], start: str) -> None:
    path = f"{start}{ONE}/AttachedFiles('quick-look.jpg')/$value"
    answer = pictured.get("/", headers=rob, environ_overrides={"PATH_INFO": path})
    assert (answer.status_code, answer.data) == (200, b"JPEG")
    assert pictured.get(f"{ONE}/AttachedFiles('second.png')/$value", headers=rob).data == b"PNG!"


@pytest.mark.parametrize(
    "path",
    [
        f"{ONE}/Quicklooks('none.jpg')/$value",
        f"{ONE}/Quicklooks('quick-look.jpg')/$value",
        f"{ONE}/Quicklooks('../first.jpg')/$value",
        f"{ONE}/AttachedFiles('none.jpg')/$value",
        f"{ONE}/AttachedFiles('quick-look.jpg')",
        f"/odata/v1/Products({UUID(int=2)})/AttachedFiles('quick-look.jpg')/$value",
        f"/odata/v1/Products({UUID(int=3)})/Quicklooks('first.jpg')/$value",
    ],
)
def test_pictures_that_are_not_there(pictured: FlaskClient, rob: dict[str, str], path: str) -> None:
    answer = pictured.get(path, headers=rob)
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "NotFound"


def test_a_picture_that_its_storage_has_lost(house: Any, pictured: FlaskClient, rob: dict[str, str]) -> None:
    house.storage.delete([f"MSI_L2A_TL/2026/03/01/{ID}/quicklooks/first.jpg"])
    assert pictured.get(f"{ONE}/Quicklooks('first.jpg')/$value", headers=rob).status_code == 404
