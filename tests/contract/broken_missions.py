"""Missions with one fault each, and the test of the contract that must find it. Run by test_kit.py."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict
from toy_mission import TOY, ToyMission, build_toy, described

from prip_core import (
    Attribute,
    Candidate,
    Footprint,
    ListedMember,
    MissionAdapter,
    PluginSettings,
    ProductFiles,
    ProductIdentity,
    ProductMetadata,
    ProductRejected,
    ProductType,
    TimeRange,
    read_xml,
    xml_text,
)
from prip_core.testing.mission_contract import MissionContract, Sample

FAULTS: list[tuple[str, str]] = []
"""Name of the test class that runs the contract, name of the test that must fail."""

NOON = datetime(2025, 8, 1, 12, tzinfo=UTC)


def found_by(test: str) -> Callable[[type[MissionAdapter]], type[MissionAdapter]]:
    def register(faulty: type[MissionAdapter]) -> type[MissionAdapter]:
        def adapter(self: object) -> MissionAdapter:
            return faulty(faulty.Settings())

        def samples(self: object, tmp_path: Path) -> Sequence[Sample]:
            return [(build_toy(tmp_path), TOY.code)]

        fixtures = {"adapter": pytest.fixture(adapter), "samples": pytest.fixture(samples)}
        name = f"Test{faulty.__name__}"
        globals()[name] = type(name, (MissionContract,), fixtures)
        FAULTS.append((name, test))
        return faulty

    return register


def changes(test: str, name: str, change: Callable[[ProductMetadata], dict[str, Any]]) -> None:
    """A mission that describes its products with some fields changed."""

    def inspect(self: ToyMission, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        metadata = ToyMission.inspect(self, identity, files)
        return replace(metadata, **change(metadata))

    found_by(test)(type(name, (ToyMission,), {"inspect": inspect}))


def adds(test: str, name: str, attribute: str, value: Any) -> None:
    """A mission that describes its products with an attribute more."""
    changes(test, name, lambda known: {"attributes": (*known.attributes, Attribute(name=attribute, value=value))})


def identity_of(candidate: Candidate) -> ProductIdentity:
    return ProductIdentity(name=candidate.name, product_type=TOY, platform="A")


class LooseSettings(PluginSettings):
    model_config = ConfigDict(frozen=True, extra="ignore")


@found_by("test_it_has_a_name_and_frozen_settings")
class AcceptsAnySetting(ToyMission):
    Settings = LooseSettings


@found_by("test_product_types_are_its_own_and_unique")
class NamesATypeTwice(ToyMission):
    def product_types(self) -> Sequence[ProductType]:
        return [TOY, replace(TOY, description="again")]


@found_by("test_product_types_are_its_own_and_unique")
class HasTypesOfAnother(ToyMission):
    def product_types(self) -> Sequence[ProductType]:
        return [TOY, replace(TOY, code="OTHER", mission="other")]


@found_by("test_hostile_names_are_not_claimed")
class ClaimsEverything(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return identity_of(candidate)


@found_by("test_hostile_names_are_not_claimed")
class ExpectsLongNames(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return super().recognise(candidate) if candidate.name[0] == "T" else None


@found_by("test_foreign_names_are_not_claimed")
class ClaimsOthers(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return identity_of(candidate) if candidate.name.startswith("LC08") else super().recognise(candidate)


@found_by("test_names_that_resemble_its_own_are_answered")
class ReadsDatesFromNames(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        if re.fullmatch(r"TOY_A_\d{8}T\d{6}\.tar", candidate.name):
            datetime.fromisoformat(candidate.name[6:21])
        return super().recognise(candidate)


@found_by("test_names_with_anything_before_or_behind_are_not_claimed")
class EndsAtDollar(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return identity_of(candidate) if re.match(r"TOY_A_\d{8}T\d{6}\.tar$", candidate.name) else None


@found_by("test_samples_are_recognised")
class RecognisesNothing(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return None


@found_by("test_samples_are_recognised")
class AnswersAnUnknownType(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        found = super().recognise(candidate)
        return found and replace(found, product_type=replace(TOY, code="UNKNOWN"))


@found_by("test_recognition_is_pure")
class LooksAtTheFile(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        return super().recognise(candidate) if Path(candidate.path).exists() else None


@found_by("test_recognition_is_pure")
class RemembersWhatItSaw(ToyMission):
    last = ""

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        before, self.last = self.last, candidate.name
        return None if before == "another name" else super().recognise(candidate)


@found_by("test_spoiled_members_are_refused_or_borne")
class TrustsItsNumbers(ToyMission):
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        root = read_xml(files, f"{identity.name.removesuffix('.tar')}/toy.xml", root="Toy")
        float(xml_text(root, "Cloud") or "")
        return super().inspect(identity, files)


@found_by("test_spoiled_members_are_refused_or_borne")
class TrustsItsMembers(ToyMission):
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        files.read(f"{identity.name.removesuffix('.tar')}/toy.xml", 10_000)
        return super().inspect(identity, files)


@found_by("test_unreadable_metadata_is_refused")
class MakesThingsUp(ToyMission):
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        try:
            return super().inspect(identity, files)
        except ProductRejected:
            return described(identity, NOON, NOON, NOON, 0.0)


@found_by("test_inspecting_gives_the_same_answer_every_time")
class Counts(ToyMission):
    def __init__(self, settings: PluginSettings) -> None:
        super().__init__(settings)
        self.numbers = itertools.count()

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        return replace(super().inspect(identity, files), parent=f"parent-{next(self.numbers)}")


@found_by("test_the_parent_is_what_its_attribute_says")
class ForgetsAParent(ToyMission):
    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        identity = super().recognise(candidate)
        return identity and replace(identity, product_type=replace(TOY, parent_attribute="seriesId"))

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        found = super().inspect(identity, files)
        return replace(found, attributes=(*found.attributes, Attribute(name="seriesId", value="TOYS")))


class Writes(ToyMission):
    path = Path()

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        self.path = Path(candidate.path)
        return super().recognise(candidate)


@found_by("test_inspecting_writes_nothing")
class WritesIntoTheProduct(Writes):
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        self.path.write_bytes(self.path.read_bytes() + bytes(512))
        return super().inspect(identity, files)


@found_by("test_inspecting_writes_nothing")
class WritesBesideTheProduct(Writes):
    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        self.path.with_suffix(".unpacked").write_bytes(b"")
        return super().inspect(identity, files)


DATES = "test_content_dates_are_utc_and_in_order"
VALUES = "test_attributes_have_values_that_odata_knows"
FOOTPRINTS = "test_footprints_are_valid"
NAIVE = NOON.replace(tzinfo=None)
OPEN_RING = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
ACROSS = ((179.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (179.0, 1.0), (179.0, 0.0))
BOW_TIE = ((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))

changes(DATES, "TellsLocalTime", lambda _: {"content": TimeRange(start=NAIVE, end=NAIVE)})
changes(DATES, "EndsBeforeItBegins", lambda known: {"content": TimeRange(start=NOON, end=known.content.end)})
changes("test_all_other_dates_are_utc", "GeneratesInLocalTime", lambda _: {"generated": NAIVE})
adds("test_all_other_dates_are_utc", "HasLocalAttributes", "processingDate", NAIVE)
adds("test_attributes_are_named_once", "RepeatsAnAttribute", "cloudCover", 13.0)
adds(VALUES, "HasDecimals", "sunZenith", Decimal(1))
adds(VALUES, "HasNulls", "sunZenith", None)
adds(VALUES, "HasNoNumbers", "sunZenith", float("nan"))
adds(VALUES, "HasLists", "polarisations", ["VV", "VH"])
adds(VALUES, "HasImmenseNumbers", "orbitNumber", 2**63)
changes("test_the_product_type_is_an_attribute", "LeavesOutItsType", lambda known: {"attributes": known.attributes[1:]})
changes(
    "test_indexed_attributes_can_be_ordered",
    "IndexesText",
    lambda known: {"attributes": (*known.attributes[:2], Attribute(name="cloudCover", value="12.5"))},
)
changes(FOOTPRINTS, "LeavesRingsOpen", lambda _: {"footprint": Footprint(polygons=(OPEN_RING,))})
changes(FOOTPRINTS, "CrossesTheAntimeridian", lambda _: {"footprint": Footprint(polygons=(ACROSS,))})
changes(FOOTPRINTS, "CrossesItself", lambda _: {"footprint": Footprint(polygons=(BOW_TIE,))})
changes(FOOTPRINTS, "IsNowhere", lambda _: {"footprint": Footprint()})
changes("test_quicklooks_are_members", "ShowsWhatIsNotThere", lambda _: {"quicklooks": ("no/such/picture.jpg",)})
changes("test_manifests_are_kept", "ListsNothingThatIsThere", lambda _: {"manifest": {"nowhere": ListedMember()}})
