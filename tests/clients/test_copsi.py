"""COPSI, the Angular GUI, as a browser sends its requests: it lies on another origin and logs in with every request."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest

IN_ALPS = {"grd-1", "grd-2", "grd-3", "grd-4", "grd-5", "grd-6", "slc", "raw-iw"}


@pytest.fixture
def gui(shelf):
    """Sends a request as the browser does for a page of the GUI."""

    def send(target: str, **headers: str) -> Any:
        encoded = quote(target, safe="/?$&=()*,:;@%+-").replace("'", "%27")
        return shelf.send(encoded, **{"Origin": "https://copsi.example", "Content_Type": "application/json", **headers})

    return send


@pytest.fixture
def search(gui, shelf):
    """The two requests of a search: how many there are, and the first hundred. Returns the products' labels."""

    def run(condition: str = "") -> list[str]:
        counted = gui("/odata/v1/Products?$count=true&$top=1" + (f"&$filter={condition}" if condition else "")).json
        listed = gui(
            "/odata/v1/Products?$expand=Attributes"
            + (f"&$filter={condition}" if condition else "")
            + "&$top=100&$skip=0&$orderby=PublicationDate desc"
        ).json
        assert counted["@odata.count"] == len(listed["value"])
        return shelf.labels(listed)

    return run


def attribute(name: str, condition: str, kind: str = "String") -> str:
    cast = f"OData.CSC.{kind}Attribute"
    return f"Attributes/{cast}/any(att:att/Name eq '{name}' and att/{cast}/Value {condition})"


def area(*rings: str) -> str:
    polygons = ",".join(f"(({ring}))" for ring in rings)
    shape = f"MULTIPOLYGON({polygons})" if len(rings) > 1 else f"POLYGON{polygons}"
    return f"OData.CSC.Intersects(area=geography'SRID=4326;{shape}')"


def test_a_search_for_nothing_shows_the_newest_first(search, gui, shelf) -> None:
    assert sorted(search()) == sorted(shelf.files)
    page = gui("/odata/v1/Products?$expand=Attributes&$top=100&$skip=0&$orderby=PublicationDate desc").json
    dates = [product["PublicationDate"] for product in page["value"]]
    assert dates == sorted(dates, reverse=True)


def test_what_the_list_shows_is_there(gui, shelf) -> None:
    page = gui("/odata/v1/Products?$expand=Attributes&$filter=contains(Name, 'EW_RAW')&$top=100&$skip=0").json
    (product,) = page["value"]
    assert {"Id", "Name", "ContentLength", "OriginDate", "PublicationDate", "Checksum"} <= product.keys()
    assert product["ContentDate"] == {"Start": "2025-08-02T05:40:12.345Z", "End": "2025-08-02T05:40:37.345Z"}
    assert product["GeoFootprint"]["type"] == "Polygon"
    assert product["Footprint"].upper().startswith("GEOGRAPHY'SRID=4326;POLYGON((")
    assert product["Footprint"].endswith("))'")
    values = {each["Name"]: each["Value"] for each in product["Attributes"]}
    assert values["platformShortName"] == "SENTINEL-1"
    assert isinstance(values["orbitNumber"], int)


def test_pages_of_the_list_follow_one_another(gui, shelf) -> None:
    seen: list[str] = []
    for skip in range(0, 40, 10):
        page = gui(f"/odata/v1/Products?$expand=Attributes&$top=10&$skip={skip}&$orderby=ContentDate/Start asc").json
        seen += shelf.labels(page)
    assert sorted(seen) == sorted(shelf.files)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("contains(Name, 'GRDH') and startswith(Name, 'S1C')", {"grd-sea"}),
        ("endswith(Name, '.EOF')", {"orbit-file"}),
        ("startswith(Name, 'S2A')", {"user-1c", "user-2a"}),
        ("startswith(Name, 'S2A') AND NOT contains(Name, 'L1C')", {"user-2a"}),
        ("contains(Name, '_EW_') OR contains(Name, '_SLC_')", {"raw-ew", "slc"}),
        ("contains(Name, 'grdh')", set()),
        ("contains(Name, '%')", set()),
        (
            "contains(Name, 'S1A_')",
            {f"grd-{day}" for day in range(1, 7)} | {"slc", "raw-iw", "raw-ew", "telemetry-1", "orbit-file"},
        ),
    ],
)
def test_words_typed_into_the_search_field(condition: str, expected: set[str], search) -> None:
    assert set(search(condition)) == expected


def test_the_calendar_and_the_publication_period(search, shelf) -> None:
    days = "ContentDate/Start ge 2025-08-03T00:00:00.000Z and ContentDate/End le 2025-08-04T23:59:59.999Z"
    published = "PublicationDate ge 2020-01-01T00:00:00.000Z and PublicationDate le 2099-12-31T23:59:59.999Z"
    expected = {"grd-3", "grd-4", "grd-sea", "tile-3", "tile-4", "tile-l2a", "image"}
    assert set(search(f"({days} and {published})")) == expected
    assert search(f"({days} and PublicationDate le 2020-01-01T00:00:00.000Z)") == []


def test_attributes_of_several_missions(search) -> None:
    one = (
        attribute("platformShortName", "eq 'SENTINEL-1'")
        + " and "
        + attribute("productType", "in ('IW_RAW__0S', 'EW_RAW__0S')")
    )
    two = (
        attribute("platformShortName", "eq 'SENTINEL-2'")
        + " and "
        + attribute("productType", "in ('MSI_L1C_TL')")
        + " and "
        + attribute("cloudCover", "ge 20", "Double")
        + " and "
        + attribute("cloudCover", "le 55.25", "Double")
    )
    assert set(search(f"({one}) or ({two})")) == {"raw-iw", "raw-ew", "tile-2", "tile-3", "tile-alps"}


def test_all_parts_of_a_search_at_once(search) -> None:
    condition = (
        "contains(Name, 'IW') and (ContentDate/Start ge 2025-08-02T00:00:00.000Z"
        " and ContentDate/End le 2025-08-02T23:59:59.999Z) and ("
        + attribute("platformShortName", "eq 'SENTINEL-1'")
        + " and "
        + attribute("polarisationChannels", "in ('VV,VH')")
        + ") and "
        + area("10 44,13 44,13 47,10 47,10 44")
    )
    assert set(search(condition)) == {"grd-2", "slc"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (
            area(
                "11.123456789012345 45.0,12.987654321098765 45.0,12.987654321098765 45.5,11.123456789012345 45.5,11.123456789012345 45.0"
            ),
            IN_ALPS,
        ),
        (area("1.2e-7 44,1.4e1 44,1.4e1 4.6e1,1.2e-7 46,1.2e-7 44"), IN_ALPS),
        (area("-1.2e-7 -1,1 -1,1 1,-1.2e-7 1,-1.2e-7 -1"), set()),
        (area("15 41,19 41,19 44,15 44,15 41", "170 -10,180 -10,180 10,170 10,170 -10"), {"grd-sea"}),
    ],
    ids=["fifteen digits", "exponents", "the Gulf of Guinea", "a box drawn across 180°"],
)
def test_a_box_drawn_on_the_map(where: str, expected: set[str], search) -> None:
    assert set(search(where)) == expected


@pytest.mark.parametrize(
    "query",
    [
        "$count=true&$top=1&$filter=GRDH",
        "$count=true&$top=1&$filter=contains(Name, 'x",
        "$count=true&$top=1&$filter=contains(Name 'x')",
        "$expand=Attributes&$top=undefined&$skip=0&$orderby=PublicationDate desc",
        "$expand=Attributes&$top=100&$skip=0&$orderby=Cloudiness desc",
    ],
)
def test_nonsense_is_said_to_be_nonsense(query: str, gui) -> None:
    answer = gui(f"/odata/v1/Products?{query}")
    assert answer.status == 400
    assert len(answer.message) > 10


def test_the_preflight_carries_no_login(shelf) -> None:
    answer = shelf.send(
        "/odata/v1/Products?$count=true&$top=1",
        "OPTIONS",
        Authorization="",
        Origin="https://copsi.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="authorization,content-type",
    )
    assert answer.status in {200, 204}
    assert answer.headers["access-control-allow-origin"] in {"https://copsi.example", "*"}
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= allowed
    assert "GET" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("target", "login", "status"),
    [
        ("Products?$top=1", None, 200),
        ("Products?$top=1", "", 401),
        ("Products?$top=undefined", None, 400),
        ("Products(00000000-0000-4000-8000-000000000000)", None, 404),
    ],
)
def test_the_page_may_read_every_answer(target: str, login: str | None, status: int, gui) -> None:
    answer = gui(f"/odata/v1/{target}", **({} if login is None else {"Authorization": login}))
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] in {"https://copsi.example", "*"}
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"content-disposition", "content-length", "content-range", "etag"} <= exposed


def test_a_page_of_another_origin_reads_nothing(shelf) -> None:
    answer = shelf.send("/odata/v1/Products?$top=1", Origin="https://elsewhere.example")
    assert "access-control-allow-origin" not in answer.headers


def test_quicklooks_of_the_list(gui, shelf) -> None:
    template = "//odata/v1/Products({})/AttachedFiles('quick-look.jpg')/$value"
    picture = gui(template.format(shelf.product("grd-1")["Id"]))
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert picture.body.startswith(b"\x89PNG")
    assert gui(template.format(shelf.product("orbit-file")["Id"])).status == 404


def test_quicklooks_of_a_whole_page_at_once(gui, shelf) -> None:
    page = gui("/odata/v1/Products?$expand=Attributes&$top=100&$skip=0&$orderby=PublicationDate desc").json
    targets = [
        f"//odata/v1/Products({product['Id']})/AttachedFiles('quick-look.jpg')/$value" for product in page["value"]
    ]
    with ThreadPoolExecutor(50) as browser:
        answers = list(browser.map(gui, targets * 3))
    pictured = {label for label in shelf.files if label.startswith("grd") or label in {"slc", "datastrip"}}
    seen = {label for label, answer in zip(shelf.labels(page), answers, strict=False) if answer.status == 200}
    assert seen == pictured
    assert {answer.status for answer in answers} == {200, 404}


def test_a_download_shows_its_progress(gui, shelf) -> None:
    answer = gui(f"/odata/v1/Products({shelf.product('slc')['Id']})/$value")
    assert answer.status == 200
    assert answer.body == shelf.files["slc"].read_bytes()
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["access-control-allow-origin"] in {"https://copsi.example", "*"}


def test_a_copied_link_leads_to_the_product(gui, shelf) -> None:
    link = f"/odata/v1/Products({shelf.product('slc')['Id']})"
    assert gui(link).json["Name"] == shelf.files["slc"].name
