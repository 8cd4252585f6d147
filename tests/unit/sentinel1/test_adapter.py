"""What the adapter reads from built products of every kind, and which of them it refuses."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import NEVER, InspectedProduct, ProductRejected
from prip_core.testing.packages import write_tar
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1, sentinel1_stem

Built = Callable[..., InspectedProduct]
Look = Callable[[Path], InspectedProduct]

START = datetime(2025, 8, 1, 5, 40, 12, 345678, tzinfo=UTC)
STOP = datetime(2025, 8, 1, 5, 40, 37, 344712, tzinfo=UTC)
MADE = datetime(2025, 8, 1, 6, 21, 48, 914621, tzinfo=UTC)

HOUSEKEEPING = {
    "beginningDateTime", "cycleNumber", "endingDateTime", "orbitNumber", "platformSerialIdentifier",
    "platformShortName", "processingCenter", "processingDate", "productType", "relativeOrbitNumber",
}  # fmt: skip
RECEIVER = HOUSEKEEPING | {
    "completionTimeFromAscendingNode", "instrumentShortName", "orbitDirection", "startTimeFromAscendingNode"
}  # fmt: skip
RADAR = RECEIVER | {
    "coordinates", "datatakeID", "instrumentConfigurationID", "operationalMode", "polarisationChannels",
    "productClass", "sliceNumber", "sliceProductFlag", "totalSlices",
}  # fmt: skip
RAW = RADAR | {"productConsolidation"}
QUALITY = {
    "qualityDataObjectID", "qualityNumOfCorruptedElements", "qualityNumOfElement", "qualityNumOfMissingElements"
}  # fmt: skip
IMAGE = RADAR | {
    "processorName", "processorVersion", "productComposition", "segmentStartTime", "swathIdentifier", "timeliness"
}  # fmt: skip
HEADER = {
    "beginningDateTime", "endingDateTime", "platformSerialIdentifier", "platformShortName", "processingCenter",
    "processingDate", "processorVersion", "productType",
}  # fmt: skip
AUXILIARY = HEADER - {"processorVersion"}

KINDS = [
    ("IW_RAW__0S", RAW),
    ("S3_RAW__0S", RAW | {"swathIdentifier"}),
    ("WV_RAW__0S", RAW),
    ("IW_RAW__0A", RAW),
    ("IW_RAW__0C", RAW | QUALITY),
    ("EW_RAW__0N", RAW | QUALITY),
    ("IW_SLC__1S", IMAGE),
    ("S3_GRDF_1S", IMAGE),
    ("EW_GRDM_1A", IMAGE),
    ("WV_OCN__2S", IMAGE - {"coordinates"}),
    ("IW_ETA__AX", IMAGE),
    ("GP_RAW__0_", RECEIVER),
    ("AI_RAW__0_", RECEIVER),
    ("HK_RAW__0_", HOUSEKEEPING),
    ("AUX_CAL", AUXILIARY | {"instrumentConfigurationID", "productGeneration"}),
    ("AUX_TEC", AUXILIARY),
    ("AUX_POEORB", HEADER),
    ("MPL_ORBPRE", HEADER),
    ("MSK_EW_SLC", HEADER),
    ("AUX_OBMEMC", HEADER - {"processingCenter", "processorVersion"}),
]


def values(product: InspectedProduct) -> dict[str, object]:
    return {attribute.name: attribute.value for attribute in product.metadata.attributes}


@pytest.mark.parametrize(("product_type", "expected"), KINDS)
def test_each_kind_has_its_attributes(built: Built, product_type: str, expected: set[str]) -> None:
    product = built(product_type)
    assert product.identity.product_type.code == product_type
    assert set(values(product)) == expected
    assert values(product)["productType"] == product_type


def test_values_of_a_level_1_product(built: Built) -> None:
    product = built("IW_SLC__1S")
    assert values(product) == {
        "beginningDateTime": START,
        "completionTimeFromAscendingNode": 751682.9,
        "coordinates": (
            "46.034000,10.412000 46.437000,13.751000 44.939000,14.089000 44.536000,10.837000 46.034000,10.412000"
        ),
        "cycleNumber": 345,
        "datatakeID": 0x077FA1,
        "endingDateTime": STOP,
        "instrumentConfigurationID": 7,
        "instrumentShortName": "SAR",
        "operationalMode": "IW",
        "orbitDirection": "ASCENDING",
        "orbitNumber": 60338,
        "platformSerialIdentifier": "A",
        "platformShortName": "SENTINEL-1",
        "polarisationChannels": "VV,VH",
        "processingCenter": "Production Service",
        "processingDate": MADE,
        "processorName": "Sentinel-1 IPF",
        "processorVersion": "003.90",
        "productClass": "S",
        "productComposition": "Slice",
        "productType": "IW_SLC__1S",
        "relativeOrbitNumber": 66,
        "segmentStartTime": START,
        "sliceNumber": 7,
        "sliceProductFlag": True,
        "startTimeFromAscendingNode": 726683.9,
        "swathIdentifier": "IW1,IW2,IW3",
        "timeliness": "NRT-3h",
        "totalSlices": 20,
    }
    assert (product.metadata.content.start, product.metadata.content.end) == (START, STOP)
    assert product.metadata.generated == MADE
    assert product.metadata.quicklooks == tuple(n for n in product.files.names() if n.endswith("quick-look.png"))
    assert len(product.metadata.quicklooks) == 1


def test_attributes_are_ordered_by_type_then_name(built: Built) -> None:
    order = [str, int, float, bool, datetime]
    attributes = built("IW_GRDH_1S").metadata.attributes
    keys = [(order.index(type(attribute.value)), attribute.name) for attribute in attributes]
    assert keys == sorted(keys)
    assert {kind for kind, _ in keys} == set(range(5))


def test_only_the_outermost_processing_counts(built: Built) -> None:
    product = built("IW_RAW__0S")
    assert values(product)["processingCenter"] == "Production Service"
    assert "processorName" not in values(product), "the input's software is not the product's"


def test_the_software_of_the_facility_comes_first(built: Built) -> None:
    own = b'<safe:software name="Other" version="0"/>'
    product = built(
        "IW_GRDH_1S", edit=replaced(b"</safe:facility><safe:resource", b"</safe:facility>" + own + b"<safe:resource")
    )
    assert values(product)["processorName"] == "Sentinel-1 IPF"


def test_the_software_of_the_processing_counts_where_the_facility_names_none(built: Built) -> None:
    own = b'<safe:software name="L0 Processor" version="2.1"/>'
    product = built(
        "IW_RAW__0S", edit=replaced(b"</safe:facility><safe:resource", b"</safe:facility>" + own + b"<safe:resource")
    )
    assert values(product)["processorName"] == "L0 Processor"
    assert values(product)["processorVersion"] == "2.1"


def test_a_manifest_deeper_inside_is_not_the_products_own(look: Look, tmp_path: Path) -> None:
    path = build_sentinel1(Sentinel1Specification(), tmp_path)
    expected = look(path).metadata
    with zipfile.ZipFile(path, "a") as container:
        container.writestr(f"{path.name.removesuffix('.zip')}/support/manifest.safe", "<other/>")
    assert look(path).metadata == expected


@pytest.mark.parametrize(
    ("product_type", "polygons", "positions"),
    [
        ("IW_RAW__0S", 1, 0),
        ("IW_GRDH_1S", 1, 0),
        ("WV_OCN__2S", 4, 0),
        ("WV_RAW__0S", 0, 2),
        ("RF_RAW__0S", 0, 2),
    ],
)
def test_footprint_of_each_mode(built: Built, product_type: str, polygons: int, positions: int) -> None:
    footprint = built(product_type).metadata.footprint
    assert footprint is not None
    assert (len(footprint.polygons), len(footprint.line)) == (polygons, positions)
    assert all(ring[0] == ring[-1] for ring in footprint.polygons)


def test_a_product_across_the_antimeridian_has_two_polygons(built: Built) -> None:
    footprint = built(
        "EW_GRDM_1S", ring=((178.2, 60.1), (-177.4, 60.5), (-177.1, 58.2), (178.5, 57.9))
    ).metadata.footprint
    assert footprint is not None
    assert len(footprint.polygons) == 2


@pytest.mark.parametrize("product_type", ["GP_RAW__0_", "HK_RAW__0_", "AUX_CAL", "AUX_POEORB", "AUX_OBMEMC"])
def test_some_kinds_have_no_footprint(built: Built, product_type: str) -> None:
    assert built(product_type).metadata.footprint is None


def test_validity_of_auxiliary_data(built: Built) -> None:
    stated, named = built("AUX_CAL").metadata.content, built("AUX_TEC", platform="S1_").metadata.content
    assert (stated.start, stated.end) == (START, NEVER)
    assert (named.start, named.end) == (START.replace(microsecond=0), STOP.replace(microsecond=0))


def test_data_of_the_whole_mission_have_no_serial_identifier(built: Built) -> None:
    product = built("AUX_WND", platform="S1_")
    assert product.identity.platform == "S1_"
    assert "platformSerialIdentifier" not in values(product)
    assert values(product)["platformShortName"] == "SENTINEL-1"


def test_an_orbit_file_in_a_zip(look: Look, tmp_path: Path) -> None:
    plain = build_sentinel1(Sentinel1Specification(product_type="AUX_RESORB"), tmp_path)
    path = tmp_path / f"{plain.name}.zip"
    with zipfile.ZipFile(path, "w") as container:
        container.write(plain, plain.name)
    assert look(path).metadata == look(plain).metadata


def test_an_orbit_file_as_a_pair_of_header_and_data(look: Look, tmp_path: Path) -> None:
    specification = Sentinel1Specification(product_type="AUX_RESORB")
    plain = build_sentinel1(specification, tmp_path)
    text = plain.read_text()
    header = text[text.index("<Earth_Explorer_Header>") : text.index("\n<Data_Block")]
    header = header.replace("<Earth_Explorer_Header>", '<Earth_Explorer_Header xmlns="http://eop-cfi.esa.int/CFI">')
    stem = sentinel1_stem(specification)
    write_tar(tmp_path / f"{stem}.TGZ", {f"{stem}.DBL": b"data", f"{stem}.HDR": header.encode()})
    assert look(tmp_path / f"{stem}.TGZ").metadata == look(plain).metadata


def test_a_mask_without_header_is_described_by_its_name(built: Built) -> None:
    product = built("MSK_OCEAN_", platform="S1_", edit=lambda _: b"<FeatureCollection/>")
    assert values(product) == {
        "platformShortName": "SENTINEL-1",
        "productType": "MSK_OCEAN_",
        "beginningDateTime": START.replace(microsecond=0),
        "endingDateTime": NEVER,
        "processingDate": MADE.replace(microsecond=0),
    }


def test_an_open_validity_stop_is_never(built: Built) -> None:
    product = built("MPL_ORBSCT", edit=lambda c: c.replace(b"UTC=2025-08-01T05:40:37", b"UTC=9999-99-99T99:99:99"))
    assert product.metadata.content.end == NEVER


def replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    return edit


@pytest.mark.parametrize(
    ("product_type", "fields", "rule", "words"),
    [
        ("IW_GRDH_1S", {"left_out": ("manifest.safe",)}, "QC-06", "0 files manifest.safe"),
        ("IW_GRDH_1S", {"edit": lambda _: b"<product/>"}, "QC-07", "root element is product, expected XFDU"),
        ("IW_GRDH_1S", {"edit": lambda content: content[:-20]}, "QC-07", "not well-formed"),
        ("AUX_CAL", {"edit": lambda _: b"<product/>"}, "QC-07", "expected XFDU"),
        ("AUX_POEORB", {"edit": lambda _: b"<product/>"}, "QC-07", "no Fixed_Header"),
        ("AUX_OBMEMC", {"edit": lambda _: b"<product/>"}, "QC-07", "expected OnBoardMemoryConfigurationUpdate"),
        ("AUX_POEORB", {"edit": replaced(b"Validity_Start>", b"Begin>")}, "QC-10", "Validity_Start is missing"),
        ("AUX_OBMEMC", {"edit": replaced(b"UTC=2025-08-01T05:40:37", b"soon")}, "QC-10", "Validity_Stop is 'soon'"),
        ("IW_GRDH_1S", {"edit": replaced(b"safe:startTime>", b"safe:begin>")}, "QC-10", "startTime is missing"),
        ("IW_GRDH_1S", {"edit": replaced(b">60338<", b">many<")}, "QC-10", "is 'many', expected an integer"),
        ("IW_GRDH_1S", {"edit": replaced(b"46.034000,10.412000", b"north")}, "QC-13", "no list of pairs"),
        ("IW_GRDH_1S", {"ring": ((0.0, 0.0), (1.0, 1.0), (0.0, 1.0), (1.0, 0.0))}, "QC-13", "not a simple polygon"),
    ],
)
def test_what_cannot_be_described_is_refused(
    built: Built, product_type: str, fields: dict[str, object], rule: str, words: str
) -> None:
    with pytest.raises(ProductRejected) as refusal:
        built(product_type, **fields)
    assert words in refusal.value.reason
    assert [finding.rule for finding in refusal.value.findings] == [rule]


def test_a_package_without_header_is_refused(look: Look, tmp_path: Path) -> None:
    path = tmp_path / f"{sentinel1_stem(Sentinel1Specification(product_type='AUX_RESORB'))}.TGZ"
    write_tar(path, {"readme.txt": b"nothing here"})
    with pytest.raises(ProductRejected, match="none of the files") as refusal:
        look(path)
    assert [finding.rule for finding in refusal.value.findings] == ["QC-06"]
