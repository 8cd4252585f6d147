"""The catalogue written to a file: everything that was ever published, and what an import makes of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from prip_core.cli import exporting
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

CODES = ("MSI_L1C_TL", "MSI_L0__GR", "PRD_HKTM__", "MSI_L1C_DS", "MSI_L1C_TC")


@pytest.fixture
def origin(make_instance: Callable[[str], Any]) -> Any:
    """A delivery point with products of every shape, one of them evicted long ago."""
    instance = make_instance("origin")
    for code in CODES:
        build_sentinel2(Sentinel2Specification(product_type=code, size=50_000), instance.inbox)
    for code in ("IW_GRDH_1S", "WV_OCN__2S", "AUX_POEORB"):
        build_sentinel1(Sentinel1Specification(product_type=code), instance.inbox)
    assert instance.done("ingest", "--once").startswith("published 8,")
    with sqlite3.connect(instance.folder / "prip.db") as database:
        database.execute(
            "UPDATE product SET online = 0, state = 'EVICTED', deletion_date = modification_date + 7, "
            "modification_date = modification_date + 7, origin_estimated = 0 WHERE seq = 3"
        )
        database.execute("UPDATE publication_clock SET online = online - 1, last_date = last_date + 7")
    return instance


def _lines(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("page", (1000, 3, 1))
def test_all_products_by_date_of_publication_the_evicted_included(
    origin: Any, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", page)
    found = _lines(origin.done("export"))
    dates = [each["PublicationDate"] for each in found]
    assert len(found) == 8
    assert dates == sorted(dates)
    assert [each["Online"] for each in found].count(False) == 1
    assert all(each["Attributes"] for each in found)


def test_an_evicted_product_says_when_it_went(origin: Any) -> None:
    (gone,) = [each for each in _lines(origin.done("export")) if not each["Online"]]
    assert gone["DeletionDate"] == gone["ModificationDate"] > gone["PublicationDate"]
    assert gone["DeletionCause"] is None


def test_an_import_of_an_export_exports_the_same(origin: Any, instance: Any, tmp_path: Path) -> None:
    exported = tmp_path / "export.ndjson"
    origin.done("export", "-o", exported)
    found = _lines(exported.read_text())
    assert [each.get("@prip.originEstimated") for each in found].count(True) == 7
    assert {finding["rule"] for each in found for finding in each.get("@prip.findings", ())} == {"QC-20"}
    shutil.copytree(origin.folder / "archive", instance.folder / "archive", dirs_exist_ok=True)
    assert instance.done("import", "--online", exported).startswith("imported 8,")
    assert instance.done("export").encode() == exported.read_bytes()


def test_a_filter_and_a_selection(origin: Any) -> None:
    wanted = [each for each in _lines(origin.done("export")) if each["Name"].startswith("S1") and each["Online"]]
    asked = ("export", "--filter", "startswith(Name,'S1') and Online eq true", "--select")
    kept = ("@odata.mediaContentType", "Id", "Name")
    assert _lines(origin.done(*asked, "Id,Name")) == [{name: each[name] for name in kept} for each in wanted]
    with_attributes = [{name: each[name] for name in (*kept, "Attributes")} for each in wanted]
    assert _lines(origin.done(*asked, "Name, Attributes, Id")) == with_attributes


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    (
        (("--filter", "Name eq"), 1, "$filter"),
        (("--select", "Nmae"), 1, "Nmae"),
        (("--format", "csv"), 2, "ndjson"),
    ),
)
def test_what_cannot_be_understood_leaves_the_file_as_it_is(
    origin: Any, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    path = tmp_path / "there"
    path.write_text("before")
    result = origin.prip("export", "-o", path, *arguments)
    assert result.exit_code == code
    assert said in result.output
    assert path.read_text() == "before"


def test_a_file_appears_when_it_is_whole(origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 3)
    path = tmp_path / "export.ndjson"
    render = exporting.product_text

    def fail_at_the_last(*arguments: Any, **members: Any) -> bytes:
        assert not path.exists()
        if b"AUX_POEORB" in arguments[0]:
            raise OSError("the disk is full")
        return render(*arguments, **members)

    monkeypatch.setattr(exporting, "product_text", fail_at_the_last)
    assert origin.prip("export", "-o", path).exit_code == 1
    assert list(tmp_path.glob("*export*")) == []


def test_an_empty_catalogue(instance: Any) -> None:
    assert instance.done("export") == ""


def test_what_is_published_meanwhile_is_left_out(origin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 1)
    before = _lines(origin.done("export"))
    render, published = exporting.product_text, []

    def publish_more(*arguments: Any, **members: Any) -> bytes:
        if not published:
            published.append(build_sentinel2(Sentinel2Specification(product_type="MSI_L2A_TL"), origin.inbox))
            origin.done("ingest", "--once")
        return render(*arguments, **members)

    monkeypatch.setattr(exporting, "product_text", publish_more)
    assert _lines(origin.done("export")) == before
    assert len(_lines(origin.done("export"))) == 9
