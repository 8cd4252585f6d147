"""eodag itself, with the profile of its Data Space provider turned to this server as its users do it."""

from __future__ import annotations

import copy
import hashlib
import socket
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from eodag import EODataAccessGateway

RADAR = "S1_SAR_GRD"
COLLECTIONS = {
    RADAR: {"_collection": "SENTINEL-1", "product:type": "IW_GRDH_1S"},
    "S2_MSI_L1C": {"_collection": "SENTINEL-2", "product:type": "MSI_L1C_TL"},
    "S1_AUX_POEORB": {"_collection": "SENTINEL-1", "product:type": "AUX_POEORB"},
}


def profile(shelf: Any, *, with_collection: bool) -> dict[str, Any]:
    """The provider's configuration: another address, Basic authentication, no ``dont_quote``."""
    packaged = (files("eodag") / "resources" / "providers" / "cop_dataspace.yml").read_text()
    provider = copy.deepcopy(yaml.safe_load(packaged)["cop_dataspace"])
    search = provider["search"]
    search["api_endpoint"] = shelf.point.products_url
    search["need_auth"] = True
    search.pop("dont_quote")
    search["metadata_mapping"]["eodag:download_link"] = f"{shelf.point.products_url}({{uid}})/$value"
    operations = search["free_text_search_operations"]["$filter"]["operations"]["and"]
    if not with_collection:
        operations.remove("Collection/Name eq '{_collection}'")
    user, password = shelf.point.credentials
    provider["auth"] = {
        "type": "GenericAuth",
        "method": "basic",
        "matching_url": f"http://127.0.0.1:{shelf.point.port}",
        "credentials": {"username": user, "password": password},
    }
    provider["download"] = {"type": "HTTPDownload", "extract": False, "archive_depth": 2}
    return provider | {"products": COLLECTIONS}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """eodag finds no home folder, and nothing on the network but this machine."""
    look_up = socket.getaddrinfo
    home = tmp_path_factory.mktemp("eodag")

    def look_up_here(host: str, *rest: Any, **more: Any) -> Any:
        assert host == "127.0.0.1", f"eodag asks {host}"
        return look_up(host, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up_here)
        patch.setenv("HOME", str(home))
        patch.setenv("EODAG_CFG_DIR", str(home / "eodag"))
        patch.setenv("EODAG_EXT_COLLECTIONS_CFG_URI", "")
        patch.setenv("EODAG_PROVIDERS_WHITELIST", '["prip"]')
        yield


@pytest.fixture(scope="module", params=[False, True], ids=["without Collection/Name", "with Collection/Name"])
def gateway(request: pytest.FixtureRequest, shelf: Any, alone: None) -> EODataAccessGateway:
    """eodag with this server as its only provider."""
    gateway = EODataAccessGateway()
    gateway.update_providers_config(yaml.safe_dump({"prip": profile(shelf, with_collection=request.param)}))
    gateway.set_preferred_provider("prip")
    return gateway


@pytest.fixture
def search(gateway: EODataAccessGateway, shelf: Any) -> Callable[..., list[str]]:
    """Searches and returns the products by the names of the stock, in the order of the answer."""

    def run(**criteria: Any) -> list[str]:
        return labels(gateway.search(raise_errors=True, validate=False, **criteria), shelf)

    return run


def labels(found: Any, shelf: Any) -> list[str]:
    """eodag's id is the name up to its first dot."""
    known = {path.name.partition(".")[0]: label for label, path in shelf.files.items()}
    return [known[product.properties["id"]] for product in found]


def test_a_collection(search: Callable[..., list[str]]) -> None:
    found = search(collection=RADAR)
    assert sorted(found) == sorted([*(f"grd-{day}" for day in range(1, 7)), "grd-sea"])
    assert [label for label in found if label != "grd-sea"] == [f"grd-{day}" for day in range(1, 7)]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"start": "2025-08-02", "end": "2025-08-04"}, {"grd-2", "grd-3", "grd-sea"}),
        ({"start": "2025-08-06T05:40:37.344Z"}, {"grd-6"}),
        ({"geom": [15.5, 42, 17, 43]}, {"grd-sea"}),
        ({"geom": "POLYGON((12 45, 13 45, 13 46, 12 46, 12 45))", "end": "2025-08-02"}, {"grd-1"}),
        ({"sat:absolute_orbit": 60368}, {"grd-2"}),
        ({"sat:relative_orbit": 89}, {"grd-sea"}),
        ({"platform": "S1C"}, {"grd-sea"}),
        ({"s1:datatake_id": "74667"}, {"grd-sea"}),
        ({"s1:slice_number": "8"}, set()),
        ({"sat:orbit_state": "descending"}, set()),
        ({"sar:polarizations": ["VV", "VH"]}, set()),
        ({"processing:datetime": "2025-08-04T06:21:12.345Z"}, {"grd-4"}),
        ({"published_after": "2020-01-01", "published_before": "2021-01-01"}, set()),
        ({"updated_after": "2020-01-01", "platform": "S1C"}, {"grd-sea"}),
        ({"sort_by": [("published", "DESC")], "start": "2025-08-06"}, {"grd-6"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_radar_by_date_area_and_attribute(
    criteria: dict[str, Any], expected: set[str], search: Callable[..., list[str]]
) -> None:
    assert set(search(collection=RADAR, **criteria)) == expected


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"eo:cloud_cover": 40}, {"tile-1", "tile-2", "tile-3"}),
        ({"grid:code": "MGRS-32TPT"}, {"tile-alps"}),
        ({"gsd": 10}, set()),
        ({"id": "S2B_OPER_MSI_L1C_TL_2BPS_20250805T104020"}, {"tile-5"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_optical_by_attribute(criteria: dict[str, Any], expected: set[str], search: Callable[..., list[str]]) -> None:
    assert set(search(collection="S2_MSI_L1C", **criteria)) == expected


def test_a_count_and_the_facts_of_a_product(gateway: EODataAccessGateway, shelf: Any) -> None:
    found = gateway.search(collection=RADAR, platform="S1C", count=True, raise_errors=True, validate=False)
    assert found.number_matched == 1
    facts = found[0].properties
    assert facts["order:status"] == "succeeded"
    assert facts["file:size"] == shelf.files["grd-sea"].stat().st_size
    assert facts["file:checksum"] == shelf.md5("grd-sea")
    assert facts["start_datetime"] == "2025-08-03T05:40:12.345Z"
    assert facts["sat:absolute_orbit"] == 4711
    assert found[0].geometry.bounds == pytest.approx((15.1, 41.7, 18.6, 43.6))
    assert facts["eodag:quicklook"].endswith("/$value")


@pytest.mark.parametrize("pages_of", [2, 3, 7])
def test_paging_to_the_end(pages_of: int, gateway: EODataAccessGateway, shelf: Any) -> None:
    first = gateway.search(collection=RADAR, limit=pages_of, raise_errors=True, validate=False)
    pages = [labels(page, shelf) for page in (first, *first.next_page(update=False))]
    seen = [label for page in pages for label in page]
    assert len(seen) == len(set(seen)) == 7
    assert max(map(len, pages)) == pages_of
    everything = labels(gateway.search_all(collection=RADAR, items_per_page=pages_of, validate=False), shelf)
    assert everything == seen


@pytest.mark.parametrize(("label", "collection"), [("grd-sea", RADAR), ("orbit-file", "S1_AUX_POEORB")])
def test_a_download_is_what_the_chain_delivered(
    label: str, collection: str, gateway: EODataAccessGateway, shelf: Any, tmp_path: Path
) -> None:
    name = shelf.files[label].name.partition(".")[0]
    (product,) = gateway.search(collection=collection, id=name, raise_errors=True, validate=False)
    path = Path(gateway.download(product, output_dir=str(tmp_path / "out"), extract=False).removeprefix("file://"))
    (content,) = [file.read_bytes() for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    assert hashlib.md5(content).hexdigest() == product.properties["file:checksum"] == shelf.md5(label)


def test_its_quicklook(gateway: EODataAccessGateway, tmp_path: Path) -> None:
    (product,) = gateway.search(collection=RADAR, platform="S1C", raise_errors=True, validate=False)
    picture = Path(product.get_quicklook("sea.png", output_dir=str(tmp_path)))
    assert picture.read_bytes().startswith(b"\x89PNG")
