"""How far campaigns are: rates, forecasts, what is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.errors import ConfigError
from prip_core.ingest.campaigns import CampaignState, Plan, Standing, expected_names, plans, standing
from prip_core.model import Attribute, Candidate, Checksum, ProductionType, TimeRange
from prip_core.products import NewProduct
from prip_core.settings import CampaignSection
from prip_core.testing.clock import FixedClock
from prip_core.times import NEVER
from tests.singly import begin_one, publish_one

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Campaign:
    """A catalogue in which products of the campaign ``granite`` are published."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(START)
        self.catalogue: Catalogue = open_catalogue(url, self.clock)

    def publish(self, *names: str, every: timedelta = HOUR) -> None:
        for name in names:
            uuid = uuid4()
            product = NewProduct(
                id=uuid,
                name=name,
                product_type="ROCK",
                mission="geology",
                content_type="application/x-tar",
                content_length=1,
                content=TimeRange(start=START, end=START),
                origin_date=START,
                origin_estimated=False,
                eviction_date=NEVER,
                production_type=ProductionType.SYSTEMATIC,
                checksums=(Checksum(algorithm="MD5", value=uuid.hex, date=START),),
                footprint=None,
                attributes=(Attribute(name="campaign", value="granite"),),
                storage="archive",
                key=f"ROCK/{uuid}/{name}",
            )
            candidate = Candidate(name=name, path=name, size=1, arrived=START)
            ingestion = begin_one(self.catalogue.ingestions, uuid, "inbox", candidate, HOUR)
            publish_one(self.catalogue.publication, product, ingestion)
            self.clock.advance(every)

    def standing(self, **section: object) -> Standing:
        plan = Plan(section=CampaignSection.model_validate({"name": "granite", **section}))
        return standing(self.catalogue, plan, self.clock.now())


@pytest.fixture
def campaign(sqlite_url: str) -> Campaign:
    return Campaign(sqlite_url)


def names(number: int, start: int = 0) -> list[str]:
    return [f"ROCK_{index}.tar" for index in range(start, start + number)]


def test_before_the_first_product(campaign: Campaign) -> None:
    found = campaign.standing(expected=10, due=date(2026, 3, 3))
    assert (found.state, found.done, found.expected) == (CampaignState.WAITING, 0, 10)
    assert (found.per_hour, found.per_hour_overall, found.forecast, found.ahead) == (None, None, None, None)


def test_the_last_day_there_is(campaign: Campaign) -> None:
    assert Plan(section=CampaignSection(name="granite", due=date.max)).due == NEVER
    assert campaign.standing(expected=1, due=date.max).state is CampaignState.WAITING


def test_the_rate_of_a_young_campaign_counts_from_its_first_product(campaign: Campaign) -> None:
    campaign.publish(*names(10))
    found = campaign.standing(expected=30, due=date(2026, 3, 2))
    assert (found.state, found.done) == (CampaignState.RUNNING, 10)
    assert found.per_hour == found.per_hour_overall == pytest.approx(1)
    assert found.forecast is not None
    assert abs(found.forecast - (START + 30 * HOUR)) < timedelta(minutes=1)
    assert found.ahead is not None
    assert abs(found.ahead - 6 * HOUR) < timedelta(minutes=1), "due at the end of the day"


def test_in_the_first_minute_no_rate_is_told(campaign: Campaign) -> None:
    campaign.publish(*names(3), every=timedelta(seconds=15))
    found = campaign.standing(expected=30)
    assert (found.state, found.per_hour, found.per_hour_overall) == (CampaignState.RUNNING, None, None)
    assert found.forecast is None
    campaign.publish(*names(1, 3), every=timedelta(seconds=15))
    found = campaign.standing(expected=30)
    assert found.per_hour == found.per_hour_overall == pytest.approx(240, rel=0.01)


def test_the_rate_of_the_last_day_decides(campaign: Campaign) -> None:
    campaign.publish(*names(48, 0), every=HOUR)
    campaign.publish(*names(48, 48), every=HOUR / 2)
    found = campaign.standing(expected=144, due=date(2026, 3, 4))
    assert found.per_hour == pytest.approx(2, rel=0.05)
    assert found.per_hour_overall == pytest.approx(96 / 72)
    assert found.forecast is not None
    assert abs(found.forecast - (campaign.clock.now() + DAY)) < HOUR
    assert found.ahead is not None
    assert found.ahead < timedelta(0)


def test_a_campaign_that_stands_still_has_no_forecast(campaign: Campaign) -> None:
    campaign.publish(*names(3))
    campaign.clock.advance(2 * DAY)
    found = campaign.standing(expected=4)
    assert (found.state, found.per_hour, found.forecast) == (CampaignState.STALLED, 0, None)


def test_a_campaign_that_is_done_ended_with_its_last_product(campaign: Campaign) -> None:
    campaign.publish(*names(4))
    campaign.clock.advance(30 * DAY)
    found = campaign.standing(expected=4, due=date(2026, 3, 1))
    assert (found.state, found.forecast) == (CampaignState.DONE, START + 3 * HOUR)
    assert found.ahead == START.replace(hour=0) + DAY - (START + 3 * HOUR)
    assert found.per_hour_overall == pytest.approx(4 / 3)


def test_without_an_expected_number_a_campaign_is_open(campaign: Campaign) -> None:
    campaign.publish(*names(2))
    found = campaign.standing()
    assert (found.state, found.done, found.expected, found.forecast) == (CampaignState.OPEN, 2, None, None)


def test_a_rate_that_never_ends_gives_no_forecast(campaign: Campaign) -> None:
    campaign.publish(*names(1))
    assert campaign.standing(expected=10**9).forecast is None


def test_a_list_of_names_tells_what_is_missing(campaign: Campaign, tmp_path: Path) -> None:
    listed = tmp_path / "names.txt"
    listed.write_text(
        "\ufeff# all rocks\nROCK_0\n\n ROCK_1.tar \nROCK_7\nROCK_7\r\nROCK_8.tar\nROCK_1\nROCK_7.tar\n",
        encoding="utf-8",
    )
    campaign.publish("ROCK_0.tar", "ROCK_1.tar", "ROCK_NOT_LISTED.tar")
    found = campaign.standing(expected=listed)
    assert (found.done, found.expected, found.missing) == (2, 4, ("ROCK_7", "ROCK_8.tar"))
    assert (found.tally.published, found.state) == (3, CampaignState.RUNNING)
    campaign.publish("ROCK_7.tar", "ROCK_8.tar")
    assert campaign.standing(expected=listed).state is CampaignState.DONE


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff", "A.tar".encode("utf-16-le")])
def test_a_list_that_cannot_be_read_is_said(tmp_path: Path, content: bytes | None) -> None:
    listed = tmp_path / "names.txt"
    if content is not None:
        listed.write_bytes(content)
    with pytest.raises(ConfigError, match=r"the campaign 'granite': .*names.txt cannot be read"):
        expected_names(CampaignSection(name="granite", expected=listed))


def test_campaigns_that_only_products_name_come_behind_the_configured_ones() -> None:
    assert [(plan.section.name, plan.inboxes, plan.due) for plan in plans([], ["old", "older"])] == [
        ("old", (), None),
        ("older", (), None),
    ]
