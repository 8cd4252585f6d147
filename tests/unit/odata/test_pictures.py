"""Quicklooks and assets as answers show them."""

import json
from uuid import UUID

import pytest

from prip_core.odata.pictures import media_type, render_assets, render_quicklooks

ID = UUID("3d40010a-f220-4667-9d38-1083994e5e48")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("a.jpg", "image/jpeg"),
        ("a.JPEG", "image/jpeg"),
        ("a.png", "image/png"),
        ("S2A_QLK_B02.jp2", "image/jp2"),
        ("a.tif", "image/tiff"),
        ("a", "application/octet-stream"),
        ("jpg", "application/octet-stream"),
        ("a.html", "application/octet-stream"),
    ],
)
def test_the_type_of_a_picture_is_told_by_its_suffix(file: str, kind: str) -> None:
    assert media_type(file) == kind


def test_quicklooks_name_their_picture() -> None:
    assert json.loads(render_quicklooks(["a.jpg", "b.png"])) == [
        {"@odata.mediaContentType": "image/jpeg", "Image": "a.jpg"},
        {"@odata.mediaContentType": "image/png", "Image": "b.png"},
    ]
    assert render_quicklooks([]) == b"[]"


def test_assets_lead_to_the_quicklooks() -> None:
    first, second = json.loads(render_assets("https://prip.example/odata/v1", ID, ["a.jpg", "it's a #2.png"]))
    assert first["Type"] == "QUICKLOOK"
    assert first["DownloadLink"] == f"https://prip.example/odata/v1/Products({ID})/Quicklooks('a.jpg')/$value"
    assert second["DownloadLink"].endswith("/Quicklooks('it%27%27s%20a%20%232.png')/$value")
    assert first["Id"] != second["Id"]
    again = json.loads(render_assets("http://other", ID, ["a.jpg"]))
    assert again[0]["Id"] == first["Id"]
