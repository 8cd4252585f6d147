"""What clients would like."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from prip_core.web.preferences import Preferences, read_preferences


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ([], Preferences()),
        ([""], Preferences()),
        (["return=minimal"], Preferences(minimal=True)),
        (["Return = Minimal"], Preferences()),
        (["RETURN=minimal"], Preferences(minimal=True)),
        (["return=representation"], Preferences()),
        (["return=representation", "return=minimal"], Preferences()),
        (["odata.maxpagesize=20"], Preferences(page_size=20)),
        (["maxpagesize=20; x=y, foo"], Preferences(page_size=20)),
        (['odata.maxpagesize="20"'], Preferences(page_size=20)),
        (["odata.maxpagesize=20", "odata.maxpagesize=30"], Preferences(page_size=20)),
        (["odata.maxpagesize=0"], Preferences()),
        (["odata.maxpagesize=-1"], Preferences()),
        (["odata.maxpagesize=many"], Preferences()),
        (["odata.maxpagesize=" + "9" * 5000], Preferences()),
        (["odata.maxpagesize"], Preferences()),
        (["odata.track-changes"], Preferences(track_changes=True)),
        (["respond-async, track-changes, odata.maxpagesize=5"], Preferences(track_changes=True, page_size=5)),
    ],
)
def test_headers(headers: list[str], read: Preferences) -> None:
    assert read_preferences(headers) == read


def test_the_size_of_pages_is_granted_and_kept_by_links(house: Any, client: FlaskClient, ann: dict[str, str]) -> None:
    for number in range(1, 6):
        house.publish(number)
    first = client.get("/odata/v1/Products", headers={**ann, "Prefer": "odata.maxpagesize=2"})
    assert first.headers["Preference-Applied"] == "odata.maxpagesize=2"
    assert first.json is not None
    assert len(first.json["value"]) == 2
    second = client.get(first.json["@odata.nextLink"], headers=ann)
    assert "Preference-Applied" not in second.headers
    assert second.json is not None
    assert len(second.json["value"]) == 2


@pytest.mark.parametrize("wish, granted, rows", [("9", 3, 3), ("2", 2, 2), ("1", 1, 1)])
def test_a_wish_is_no_more_than_that(house: Any, ann: dict[str, str], wish: str, granted: int, rows: int) -> None:
    for number in range(1, 6):
        house.publish(number)
    client = house.client(page_size=3)
    answer = client.get("/odata/v1/Products?$top=4", headers={**ann, "Prefer": f"odata.maxpagesize={wish}"})
    assert answer.headers["Preference-Applied"] == f"odata.maxpagesize={granted}"
    assert len(answer.json["value"]) == rows
