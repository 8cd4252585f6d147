"""The ADGS tools of CS: options in another order, and two blanks where one would do."""

from __future__ import annotations


def test_double_blanks(shelf) -> None:
    query = (
        "Products?$orderby=PublicationDate%20asc"
        "&$filter=%20PublicationDate%20gt%202020-01-01T00:00:00.000Z%20and%20%20PublicationDate%20lt%202099-01-01T00:00:00.000Z"
        "%20and%20(contains(Name,'L1C_TL')%20or%20contains(Name,'L2A_TL'))%20and%20startswith(Name,'S2')&$expand=Attributes"
    )
    page = shelf.send(f"/odata/v1/{query}").json
    assert sorted(shelf.labels(page)) == ["tile-1", "tile-2", "tile-3", "tile-4", "tile-5", "tile-alps", "tile-l2a"]
    dates = [product["PublicationDate"] for product in page["value"]]
    assert dates == sorted(set(dates))
    assert all(product["Attributes"] for product in page["value"])


def test_blanks_sent_as_plus(shelf) -> None:
    query = "Products?$orderby=PublicationDate+asc&$filter=+PublicationDate+gt+2020-01-01T00:00:00Z+and++contains(Name,'SLC')"
    assert shelf.list(query) == ["slc"]
