"""What is taken in before what, as names alone tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from prip_core.ingest.urgency import UNLIMITED, Appraiser, Rank, Urgency
from prip_core.interfaces import MissionAdapter, PluginSettings
from prip_core.model import Candidate, ProductIdentity, ProductType
from prip_core.settings import KpiLimit, KpiSection
from prip_sentinel1.adapter import Sentinel1
from prip_sentinel2.adapter import Sentinel2

NOON = datetime(2025, 8, 1, 12, tzinfo=UTC)
HOUR = 3600.0
MISSIONS = {"sentinel1": Sentinel1(PluginSettings()), "sentinel2": Sentinel2(PluginSettings())}

GRANULE = "S2B_OPER_MSI_L0__GR_2BPS_20250801T111500_S20250801T110000_D04_N05.11.tar"
TILE = "S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11.tar"
REPORT = "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_SENSOR_QUALITY_report.xml"
TELEMETRY = "S2A_OPER_PRD_HKTM___20191203T051837_20191203T051842_0001.tar"
PARAMETERS = "S2A_OPER_GIP_PROBAS_MPC__20250801T000206_V20150622T000000_21000101T000000_B00.tgz"
ANCILLARY = "S2A_OPER_AUX_SADATA_EPAE_20250801T045150_V20250801T030000_20250801T040000_A019158_WF_LN.tar"
RADAR = "S1A_IW_GRDH_1SDV_20250801T105900_20250801T110000_039156_049F13_6FF8.SAFE.zip"


def urgency(point: Any, name: str, *, arrived: datetime = NOON, missions: Any = MISSIONS, **section: Any) -> Urgency:
    candidate = Candidate(name=name, path=name, size=1, arrived=arrived)
    return Appraiser(missions, KpiSection()).urgency(point.inbox("other", **section), candidate)


def at(hours: float) -> float:
    """The POSIX time of so many hours after noon."""
    return NOON.timestamp() + hours * HOUR


def test_the_next_limit_that_can_be_kept_decides(point: Any) -> None:
    radar = urgency(point, RADAR)  # sensed at 11; its limits are 3, 8 and 24 hours
    assert radar.at(at(0)) == (Rank.DUE, at(2))
    assert radar.at(at(2)) == (Rank.DUE, at(7))
    assert radar.at(at(22.9)) == (Rank.DUE, at(23))
    assert radar.at(at(23)) == (Rank.LATE, at(23))


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        (GRANULE, at(11)),
        (TILE, (NOON.replace(hour=7, minute=48, second=29) + timedelta(hours=12)).timestamp()),
        (ANCILLARY, at(4)),
        (PARAMETERS, at(1)),
        ("holiday.jpg", at(1)),
    ],
)
def test_sensing_ends_as_near_as_the_name_tells(point: Any, name: str, moment: float) -> None:
    assert urgency(point, name).at(at(0)) == (Rank.DUE, moment)


def test_what_has_no_limit_is_late_after_an_hour(point: Any) -> None:
    for name in (PARAMETERS, "holiday.jpg"):
        assert urgency(point, name).at(at(0) + UNLIMITED) == (Rank.LATE, at(0) + UNLIMITED)


def test_nothing_arrives_before_it_was_sensed(point: Any) -> None:
    arrived = NOON - timedelta(hours=5)
    assert urgency(point, RADAR, arrived=arrived).at(at(-5)) == (Rank.DUE, at(-2))


@pytest.mark.parametrize(
    ("name", "section", "rank"),
    [
        (TELEMETRY, {}, Rank.HOUSEKEEPING),
        (REPORT, {}, Rank.REPORT),
        (GRANULE, {"campaign": {"name": "collection-1"}}, Rank.REPROCESSING),
        (REPORT, {"campaign": {"name": "collection-1"}}, Rank.REPROCESSING),
    ],
)
def test_other_ranks_go_by_their_arrival(point: Any, name: str, section: dict[str, Any], rank: Rank) -> None:
    assert urgency(point, name, **section).at(at(1000)) == (rank, at(0))


def test_a_mission_that_fails_is_no_obstacle(point: Any, make_mission: Callable[..., MissionAdapter]) -> None:
    def fail(candidate: Candidate) -> ProductIdentity:
        raise ZeroDivisionError(candidate.name)

    missions = {"broken": make_mission("broken", fail), **MISSIONS}
    assert urgency(point, TELEMETRY, missions=missions).kind is Rank.HOUSEKEEPING
    assert urgency(point, "holiday.jpg", missions=missions).kind is Rank.DUE


def test_limits_are_those_of_the_settings(point: Any, make_mission: Callable[..., MissionAdapter]) -> None:
    rock = ProductType(code="ROCK_L1", mission="geology", description="A rock")

    def answer(candidate: Candidate) -> ProductIdentity:
        return ProductIdentity(name=candidate.name, product_type=rock, platform="X", sensing_end=NOON)

    limits = [
        KpiLimit(mission=mission, product_types=types, timeliness="FAST", within=within, share=90)
        for mission, types, within in (
            ("geology", ("STONE", "ROCK_*"), 2.0),
            ("geology", ("*_L1",), 1.0),
            ("geology", ("ROCK_L0",), 0.5),
            ("sentinel2", ("*",), 0.1),
        )
    ]
    appraiser = Appraiser({"geology": make_mission("geology", answer)}, KpiSection(limit=tuple(limits)))
    candidate = Candidate(name="ROCK", path="ROCK", size=1, arrived=NOON)
    assert appraiser.urgency(point.served, candidate) == (Rank.DUE, (at(1), at(2)))


def test_every_type_of_images_has_limits() -> None:
    """Of the built-in missions: a new product type must not fall out of the defaults."""
    appraiser = Appraiser(MISSIONS, KpiSection())
    free = {
        kind.code
        for mission in MISSIONS.values()
        for kind in mission.product_types()
        if not appraiser._limits(kind) and not kind.housekeeping and not kind.report
    }
    assert {code.split("_")[0] for code in free} <= {"AUX", "GIP", "DEM", "MPL", "MSK", "AM", "AMH", "AMV", "AI", "GP"}
