"""What every mission must do: inherit :class:`MissionContract`, give it two fixtures, and run pytest."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from prip_core import (
    Candidate,
    Footprint,
    MissionAdapter,
    ProductIdentity,
    ProductMetadata,
    ProductRejected,
    ProductType,
    footprint_of_line,
    footprint_of_ring,
    open_product,
)
from prip_core.testing.plugin_contract import check_settings
from prip_core.testing.spoiling import SPOILINGS, UNREADABLE, SpoiledFiles

Sample = tuple[Path, str]
"""A product on disk, and the code of its product type."""

ARRIVED = datetime(2025, 8, 1, 12, tzinfo=UTC)
HOSTILE_NAMES = (
    *("", " ", ".", "..", "/", "\n", "\0", "\\", "%s%n", "{}", "$(reboot)", "' or 1=1 --", "<x/>", "CON", "-rf"),
    *("ä" * 100, "٣" * 60, "\u202e.tar", "\ud800", "𝟚𝟘𝟚𝟝", "_" * 5000, "A" * 100_000, "S2A_OPER_" * 1000, "0" * 5000),
)
_FOREIGN = {
    "sentinel3": "S3A_OL_1_EFR____20250801T100000_20250801T100300_20250801T120000_0179_128_122_2160_PS1_O_NR_004.SEN3",
    "sentinel5p": "S5P_OFFL_L2__NO2____20250801T100000_20250801T114500_40000_03_020600_20250803T020000.nc",
    "landsat": "LC08_L1TP_194026_20250801_20250808_02_T1.tar",
    "modis": "MOD09GA.A2025213.h18v03.061.2025215040000.hdf",
    "none": "README.txt",
}
FOREIGN_NAMES = tuple(_FOREIGN.values())


class MissionContract:
    """The contract of :class:`prip_core.MissionAdapter`::

    class TestMyMission(MissionContract):
        @pytest.fixture
        def adapter(self):
            return MyMission(MyMission.Settings())

        @pytest.fixture
        def samples(self, tmp_path):
            return [(build_my_product(tmp_path), "MY_TYPE")]
    """

    @pytest.fixture
    def adapter(self) -> MissionAdapter:
        """The mission to test."""
        raise NotImplementedError("a test of the contract gives the fixture 'adapter'")

    @pytest.fixture
    def samples(self) -> Sequence[Sample]:
        """Good products, one of each shape at least, under the names that they are delivered with."""
        raise NotImplementedError("a test of the contract gives the fixture 'samples'")

    @pytest.fixture
    def foreign_names(self, adapter: MissionAdapter) -> Sequence[str]:
        """Names that belong to other missions, or to none; a mission with products among them gives its own."""
        return [name for mission, name in _FOREIGN.items() if mission != adapter.NAME]

    def test_it_has_a_name_and_frozen_settings(self, adapter: MissionAdapter) -> None:
        assert adapter.NAME
        check_settings(type(adapter).Settings, adapter.settings)

    def test_product_types_are_its_own_and_unique(self, adapter: MissionAdapter) -> None:
        types = adapter.product_types()
        assert types, "a mission has at least one type of product"
        assert repeated(kind.code for kind in types) == []
        assert {kind.mission for kind in types} == {adapter.NAME}
        assert all(kind.code and kind.description for kind in types)
        assert all(not repeated(kind.indexed) for kind in types)

    @pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
    def test_hostile_names_are_not_claimed(self, adapter: MissionAdapter, name: str) -> None:
        assert claim(adapter, name) is None

    def test_foreign_names_are_not_claimed(self, adapter: MissionAdapter, foreign_names: Sequence[str]) -> None:
        assert [name for name in foreign_names if adapter.recognise(candidate(name)) is not None] == []

    def test_names_that_resemble_its_own_are_answered(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for path, _ in samples:
            for name in resembling(path.name):
                claimed = claim(adapter, name)
                assert claimed is None or claimed.name == name

    def test_names_with_anything_before_or_behind_are_not_claimed(
        self, adapter: MissionAdapter, samples: Sequence[Sample]
    ) -> None:
        for path, _ in samples:
            for name in (path.name + "\n", " " + path.name, path.name + " ", "x/" + path.name, path.name + "\0"):
                assert claim(adapter, name) is None, f"{name!r} is not the name of a product"

    def test_samples_are_recognised(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        assert samples, "the contract needs samples"
        types = {kind.code: kind for kind in adapter.product_types()}
        for path, code in samples:
            identity = adapter.recognise(candidate_of(path))
            assert identity is not None, f"{path.name} is not recognised"
            assert (identity.name, identity.product_type) == (path.name, types[code])
            assert identity.platform
            check_utc(*([] if identity.sensing_end is None else [identity.sensing_end]))

    def test_recognition_is_pure(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for path, _ in samples:
            first = adapter.recognise(candidate_of(path))
            adapter.recognise(candidate("another name"))
            assert adapter.recognise(candidate_of(path)) == first, "the same answer every time"
            size = path.stat().st_size
            away = Candidate(name=path.name, path="/no/such/place", size=size, arrived=ARRIVED + timedelta(days=9))
            assert adapter.recognise(away) == first, "the answer follows from name and size alone"

    def test_content_dates_are_utc_and_in_order(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, _, metadata in described(adapter, samples):
            check_utc(metadata.content.start, metadata.content.end)
            assert metadata.content.start <= metadata.content.end

    def test_all_other_dates_are_utc(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, _, metadata in described(adapter, samples):
            dates = [value for value in values_of(metadata) if isinstance(value, datetime)]
            check_utc(*dates, *(date for date in (metadata.generated, metadata.origin_date) if date is not None))

    def test_attributes_are_named_once(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for path, _, metadata in described(adapter, samples):
            assert repeated(attribute.name for attribute in metadata.attributes) == [], path.name
            assert all(attribute.name for attribute in metadata.attributes)

    def test_attributes_have_values_that_odata_knows(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, _, metadata in described(adapter, samples):
            for attribute in metadata.attributes:
                assert type(attribute.value) in {str, int, float, bool, datetime}, attribute
                assert not isinstance(attribute.value, float) or math.isfinite(attribute.value), attribute
                assert not isinstance(attribute.value, int) or -(2**63) <= attribute.value < 2**63, attribute

    def test_the_product_type_is_an_attribute(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, identity, metadata in described(adapter, samples):
            assert ("productType", identity.product_type.code) in {(one.name, one.value) for one in metadata.attributes}

    def test_indexed_attributes_can_be_ordered(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, identity, metadata in described(adapter, samples):
            check_indexed(identity.product_type, metadata)

    def test_the_parent_is_what_its_attribute_says(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, identity, metadata in described(adapter, samples):
            if (name := identity.product_type.parent_attribute) is not None:
                assert metadata.parent == next((one.value for one in metadata.attributes if one.name == name), None)

    def test_footprints_are_valid(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for _, _, metadata in described(adapter, samples):
            if metadata.footprint is not None:
                check_footprint(metadata.footprint)

    def test_quicklooks_are_members(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for path, _, metadata in described(adapter, samples):
            assert set(metadata.quicklooks) <= set(open_product(path).names())

    def test_manifests_are_kept(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        for path, _, metadata in described(adapter, samples):
            files = open_product(path)
            for name, listed in metadata.manifest.items():
                assert name in files.names(), f"{path.name}: the manifest lists {name}, which is no member"
                assert listed.size in (None, files.size(name)), f"{path.name}: the size of {name}"
                assert bool(listed.algorithm) == bool(listed.digest), f"{path.name}: the digest of {name}"

    def test_inspecting_gives_the_same_answer_every_time(
        self, adapter: MissionAdapter, samples: Sequence[Sample]
    ) -> None:
        for path, identity, metadata in described(adapter, samples):
            assert adapter.inspect(identity, open_product(path)) == metadata

    def test_inspecting_writes_nothing(self, adapter: MissionAdapter, samples: Sequence[Sample]) -> None:
        before = {path: state_of(path) for path, _ in samples}
        beside = {path: sorted(path.parent.iterdir()) for path, _ in samples}
        for _ in described(adapter, samples):
            pass
        assert {path: state_of(path) for path, _ in samples} == before
        assert {path: sorted(path.parent.iterdir()) for path, _ in samples} == beside

    @pytest.mark.parametrize("spoiling", SPOILINGS)
    def test_spoiled_members_are_refused_or_borne(
        self, adapter: MissionAdapter, samples: Sequence[Sample], spoiling: str
    ) -> None:
        """Each member that it reads, and all at once: it may do without one, but nothing else goes wrong."""
        for path, _ in samples:
            identity = recognised(adapter, path)
            members = members_read(adapter, identity, path)
            if spoiling != "missing" or open_product(path).container != "file":
                for spoiled in [[member] for member in members] + [members]:
                    inspect_spoiled(adapter, identity, path, spoiling, spoiled)

    @pytest.mark.parametrize("spoiling", UNREADABLE)
    def test_unreadable_metadata_is_refused(
        self, adapter: MissionAdapter, samples: Sequence[Sample], spoiling: str
    ) -> None:
        for path, _ in samples:
            identity = recognised(adapter, path)
            if members := members_read(adapter, identity, path):
                described_anyway = inspect_spoiled(adapter, identity, path, spoiling, members)
                assert described_anyway is None, f"{path.name} is described though all that it reads is {spoiling}"


def candidate(name: str) -> Candidate:
    """Something of this name that lies nowhere."""
    return Candidate(name=name, path=name, size=1000, arrived=ARRIVED)


def candidate_of(path: Path) -> Candidate:
    """A product on disk as an inbox offers it."""
    return Candidate(name=path.name, path=str(path), size=path.stat().st_size, arrived=ARRIVED)


def claim(adapter: MissionAdapter, name: str) -> ProductIdentity | None:
    """What an adapter makes of a name; a refusal is a good answer too."""
    try:
        return adapter.recognise(candidate(name))
    except ProductRejected:
        return None


def resembling(name: str) -> Iterator[str]:
    """Names that begin or look like a good one."""
    yield from (name[:length] for length in range(len(name)))
    yield from (name.lower(), name.upper(), name * 2, name + "A" * 10_000, name.replace("_", "-"))
    yield from (name.replace("2", "9"), name.replace("0", "9"), name.replace("1", "٣"), name.replace("T", "t"))


def recognised(adapter: MissionAdapter, path: Path) -> ProductIdentity:
    """What a sample is."""
    identity = adapter.recognise(candidate_of(path))
    assert identity is not None, f"{path.name} is not recognised"
    return identity


def described(
    adapter: MissionAdapter, samples: Sequence[Sample]
) -> Iterator[tuple[Path, ProductIdentity, ProductMetadata]]:
    """Every sample with what the adapter tells of it."""
    assert samples, "the contract needs samples"
    for path, _ in samples:
        identity = recognised(adapter, path)
        yield path, identity, adapter.inspect(identity, open_product(path))


def members_read(adapter: MissionAdapter, identity: ProductIdentity, path: Path) -> list[str]:
    """Names of the members that an adapter reads to describe a product."""
    files = SpoiledFiles(open_product(path), lambda content: content, [])
    adapter.inspect(identity, files)
    return sorted(files.read_members)


def inspect_spoiled(
    adapter: MissionAdapter, identity: ProductIdentity, path: Path, spoiling: str, members: Sequence[str]
) -> ProductMetadata | None:
    """Inspect a product with some members spoiled; ``None``: it is refused, as it should be."""
    try:
        metadata = adapter.inspect(identity, SpoiledFiles(open_product(path), SPOILINGS[spoiling], members))
    except ProductRejected:
        return None
    except Exception as error:
        raise AssertionError(f"{path.name} with {members} spoiled ({spoiling}): {error!r}, not a refusal") from error
    assert isinstance(metadata, ProductMetadata)
    return metadata


def check_utc(*dates: datetime) -> None:
    """All are aware, in UTC."""
    assert [date for date in dates if date.utcoffset() != timedelta(0)] == [], "times are aware, in UTC"


def check_indexed(kind: ProductType, metadata: ProductMetadata) -> None:
    """Only numbers and times are worth an index."""
    for attribute in metadata.attributes:
        if attribute.name in kind.indexed:
            assert isinstance(attribute.value, int | float | datetime), f"{attribute.name} is indexed"
            assert not isinstance(attribute.value, bool), f"{attribute.name} is indexed"


def check_footprint(footprint: Footprint) -> None:
    """Closed, simple rings inside the world, none across the antimeridian; or a line."""
    assert bool(footprint.polygons) != bool(footprint.line), "a footprint is an area or a line"
    for ring in footprint.polygons:
        assert ring[0] == ring[-1], "a ring is closed"
        assert footprint_of_ring(ring).polygons == (ring,), "a ring that crosses the antimeridian is split there"
    if footprint.line:
        footprint_of_line(footprint.line)


def values_of(metadata: ProductMetadata) -> list[object]:
    """The values of all attributes."""
    return [attribute.value for attribute in metadata.attributes]


def state_of(path: Path) -> tuple[int, int, str]:
    """Size, time of change and digest of a file."""
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns, hashlib.blake2b(path.read_bytes()).hexdigest()


def repeated(names: Iterator[str] | Sequence[str]) -> list[str]:
    """Names that occur more than once."""
    return [name for name, times in Counter(names).items() if times > 1]
