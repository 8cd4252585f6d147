"""docs/odata.md is true: each request on it is sent to a demo's delivery point and answered as the page says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from prip_core.odata.areas import MOST_CORNERS
from prip_core.odata.ast import Function, Matching
from prip_core.odata.filter_list import MOST_NAMES
from prip_core.odata.limits import DEEPEST, DEEPEST_CALLS, LONGEST_FILTER, MOST_SIGNS, MOST_TERMS, MOST_VALUES
from prip_core.testing.delivery_point import DeliveryPoint, wait_for

PAGE = (Path(__file__).parents[2] / "docs" / "odata.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
METHODS = ("GET ", "HEAD ", "POST ")
PRODUCTS = 8


@dataclass
class Example:
    """A request of the page and what it says of the answer."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    claims: list[str] = field(default_factory=list)


def examples() -> Iterator[Example]:
    """Every request in a block of ``http``."""
    for language, code in FENCE.findall(PAGE):
        if language == "http":
            yield from read(code.splitlines())


def read(lines: list[str]) -> list[Example]:
    """The requests of a block: a request line, header lines, a body of one line, then ``#`` and the claim."""
    found: list[Example] = []
    for line in lines:
        if line.startswith(METHODS):
            found.append(Example(*line.split(" ", 1)))
        elif line.startswith("# "):
            found[-1].claims.append(line[2:])
        elif line.startswith("{"):
            found[-1].body = line
        else:
            name, _, text = line.partition(": ")
            found[-1].headers[name] = text
    return found


EXAMPLES = list(examples())


def shells() -> list[str]:
    return [code for language, code in FENCE.findall(PAGE) if language == "sh"]


def filled_point(folder: Path, products: int) -> DeliveryPoint:
    """A delivery point at work with products of the demo."""
    point = DeliveryPoint.make(folder, ("sentinel1", "sentinel2"))
    delivered = point.prip("demo", "--products", str(products), "--deliver-to", str(point.inbox))
    assert delivered.returncode == 0, delivered.stderr
    point.start()
    wait_for(lambda: point.page(top=0, count="true")["@odata.count"] == products, "whole demo")
    return point


def places(point: DeliveryPoint) -> dict[str, str]:
    """What stands for the password and the port of the page."""
    user, password = point.credentials
    return {
        "demo:PASSWORD": f"'{user}:{password}'",
        '"demo", "PASSWORD"': f'"{user}", "{password}"',
        "127.0.0.1:8080": f"127.0.0.1:{point.port}",
    }


def fill(text: str, places: dict[str, str]) -> str:
    """The text with something in every place."""
    for place, value in places.items():
        text = text.replace(place, value)
    return text


@pytest.fixture(scope="module")
def point(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeliveryPoint]:
    """A delivery point with the products of the demo."""
    point = filled_point(tmp_path_factory.mktemp("odata") / "point", PRODUCTS)
    yield point
    point.stop()


@pytest.fixture
def filled(point: DeliveryPoint) -> Callable[[str], str]:
    """Fills a text of the page; the Id and the name are those of the demo's GRD product."""
    (product,) = point.page(filter="contains(Name,'IW_GRDH')")["value"]
    return partial(fill, places={"{ID}": product["Id"], "{NAME}": product["Name"], **places(point)})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.method} {example.target}"[:90])
def test_requests_are_answered_as_the_page_says(
    example: Example, point: DeliveryPoint, filled: Callable[[str], str]
) -> None:
    assert example.claims, "the page says nothing of the answer"
    url = f"http://127.0.0.1:{point.port}" + quote(filled(example.target), safe="/?$&=(),:;'*@")
    body = filled(example.body).encode() if example.body else None
    answer = requests.request(
        example.method, url, data=body, headers=example.headers, auth=point.credentials, timeout=120
    )
    for claim in example.claims:
        check(filled(claim), answer)


def check(claim: str, answer: requests.Response) -> None:
    """``206``, ``400: a text that the body has``, or ``3 products``."""
    if counted := re.fullmatch(r"(\d+) products?", claim):
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["value"]) == int(counted[1])
        return
    status, _, text = claim.partition(": ")
    assert answer.status_code == int(status), answer.text
    assert text.encode() in answer.content, answer.text[:2000]


@pytest.mark.needs("curl")
@pytest.mark.parametrize("number", range(len(shells())))
def test_commands_work_when_pasted(
    number: int, point: DeliveryPoint, filled: Callable[[str], str], tmp_path: Path
) -> None:
    done = subprocess.run(
        ["bash", "-c", filled(shells()[number]).replace("curl ", "curl -sSf ")],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (saved, *_) = [*tmp_path.iterdir(), None]
    if saved is None:
        assert json.loads(done.stdout)["value"]
    else:
        assert saved.name == filled("{NAME}")


def test_the_loop_sees_every_product_once(point: DeliveryPoint, filled: Callable[[str], str]) -> None:
    found = [product["Id"] for product in run("seen, last", filled)["seen"]]
    assert len(found) == len(set(found)) == PRODUCTS


def run(line: str, filled: Callable[[str], str]) -> dict[str, Any]:
    """The names that the page's program with this line defines."""
    (code,) = [code for language, code in FENCE.findall(PAGE) if language == "py" and line in code]
    names: dict[str, Any] = {}
    exec(compile(filled(code), "docs/odata.md", "exec"), names)
    return names


def test_the_mirror_follows_what_leaves(tmp_path: Path) -> None:
    point = filled_point(tmp_path / "point", 2)
    try:
        names = run("mirror:", partial(fill, places=places(point)))
        mirror = names["mirror"]
        assert mirror == {product["Id"]: product for product in point.page()["value"]}
        gone, stays = (product["Name"] for product in point.page()["value"])
        assert point.prip("product", "withdraw", gone, "--reason", "Corrupted product").returncode == 0
        names["follow"](names["link"], mirror)
        assert [product["Name"] for product in mirror.values()] == [stays]
    finally:
        point.stop()


def test_members_named_on_the_page_are_those_of_a_product(point: DeliveryPoint) -> None:
    table = PAGE.partition("## A product")[2].partition("## Options")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    (product,) = point.page(top=1)["value"]
    assert named == {name for name in product if not name.startswith("@")}


def test_limits_are_those_of_the_code() -> None:
    limits = PAGE.partition("## Limits")[2].partition("\n## ")[0].replace("\u202f", "").replace(" 000", "000")
    for limit in (
        LONGEST_FILTER,
        DEEPEST,
        DEEPEST_CALLS,
        MOST_TERMS,
        MOST_VALUES,
        MOST_SIGNS,
        MOST_CORNERS,
        MOST_NAMES,
    ):
        assert re.search(rf"\b{limit}\b", limits), limit


def test_every_function_has_its_place_on_the_page() -> None:
    table = PAGE.partition("**Functions**")[2].partition("**Values**")[0]
    named = set(re.findall(r"[\w.]+", " ".join(re.findall(r"`([^`]*)`", table))))
    matching = {each.value for each in Matching}
    assert named >= {each.value for each in Function} | matching
    for name in named - {each.value for each in Function} - matching:
        assert name in {"mindatetime", "maxdatetime", "any", "all", "geo.intersects"} or name.startswith("OData.CSC.")
