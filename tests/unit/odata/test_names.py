"""What names in a query stand for, and what is said of names that stand for nothing."""

from __future__ import annotations

import pytest

from prip_core.errors import BadQuery, PripError, UnsupportedQuery
from prip_core.odata import ast, edm
from prip_core.odata.names import Names, Scope, collection_at
from prip_core.odata.operands import AnyValue
from prip_core.odata.syntax import Path

NAMES = Names(edm.PRODUCT)
ATTRIBUTE = Scope("att", ast.Collection.ATTRIBUTES, frozenset())
CHECKSUM = Scope("c", ast.Collection.CHECKSUM, frozenset({"att"}))

KNOWN_ATTRIBUTES = """
    productType platformShortName platformSerialIdentifier beginningDateTime endingDateTime processingDate
    processingCenter processorName processorVersion orbitNumber relativeOrbitNumber cycleNumber lastOrbitNumber
    lastRelativeOrbitNumber orbitDirection lastOrbitDirection instrumentShortName operationalMode coordinates
    processingLevel timeliness productGeneration origin authority parentIdentifier identifier doi acquisitionType
    swathIdentifier polarisationChannels instrumentConfigurationID datatakeID sliceProductFlag sliceNumber
    totalSlices segmentStartTime startTimeFromAscendingNode completionTimeFromAscendingNode productClass
    productConsolidation productComposition qualityDataObjectID qualityNumOfElement cloudCover tileId datastripId
    datastripIdentifier productGroupId granuleIdentifier qualityStatus qualityInfo illuminationZenithAngle
    baselineCollection brightCover processingMode revisionNumber
"""


def value(text: str, scope: Scope | None = None, names: Names = NAMES) -> object:
    return names.value(Path(text, 1), scope)


def refused(kind: type[PripError], text: str, scope: Scope | None = None, names: Names = NAMES) -> str:
    with pytest.raises(kind) as caught:
        value(text, scope, names)
    return str(caught.value)


@pytest.mark.parametrize("path", sorted(edm.PATHS))
def test_every_property_with_a_column_has_its_name(path: str) -> None:
    assert value(path) == ast.PropertyValue(edm.PATHS[path]) == value(f"$it/{path}")


@pytest.mark.parametrize("alias", ["CreationDate", "IngestionDate"])
def test_older_names_are_read(alias: str) -> None:
    assert value(alias) == ast.PropertyValue(edm.PATHS["PublicationDate"])


@pytest.mark.parametrize("name", KNOWN_ATTRIBUTES.split())
def test_attributes_have_their_bare_names(name: str) -> None:
    assert value(name) == AnyValue(name)


def test_a_collection_is_the_platform() -> None:
    assert value("Collection/Name") == AnyValue("platformShortName")


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("Size", "a product has no property 'Size'; what can be filtered and ordered by: Id, Name"),
        ("name", "no property 'name'; did you mean Name?"),
        ("NAME", "did you mean Name?"),
        ("publicationDate", "did you mean PublicationDate?"),
        ("publicatonDate", "did you mean PublicationDate?"),
        ("creationdate", "did you mean CreationDate?"),
        ("contentLenght", "did you mean ContentLength?"),
        ("ContentDate/start", "did you mean ContentDate/Start?"),
        ("ContentDate/Middle", "no property 'ContentDate/Middle'"),
        ("att/Name", "no property 'att/Name'"),
        ("and", "no property 'and'"),
        ("Nam", "no property 'Nam'; did you mean Name?"),
        ("PublicDate", "did you mean PublicationDate?"),
        ("S1A", "no property 'S1A'; a text stands in single quotes; what"),
        ("S2B_OPER_MSI_L1C_TL", "; a text stands in single quotes; what"),
        ("ContentDate", "ContentDate cannot be filtered or ordered by"),
        ("Checksum", "has many values; ask Checksum/any"),
        ("Checksums/Value", "has many values; ask Checksum/any"),
        ("Attributes/OData.CSC.StringAttribute/Value", "no property 'Attributes/Value'"),
    ],
)
def test_what_cannot_be_asked_for_is_named(path: str, sentence: str) -> None:
    assert sentence in refused(BadQuery, path)


def test_deleted_products_have_properties_of_their_own() -> None:
    names = Names(edm.DELETED_PRODUCT)
    paths = edm.paths_of(edm.DELETED_PRODUCT)
    assert value("CreationDate", names=names) == ast.PropertyValue(paths["PublicationDate"])
    assert value("DeletionCause", names=names) == ast.PropertyValue(paths["DeletionCause"])
    assert "a deleted product has no property 'Online'" in refused(BadQuery, "Online", names=names)


def test_the_number_of_elements_is_not_served() -> None:
    assert "Attributes/$count is not served" in refused(UnsupportedQuery, "Attributes/$count")


@pytest.mark.parametrize("cast", ["", "OData.CSC.IntegerAttribute/", "odata.csc.stringattribute/", "StringAttribute/"])
def test_casts_are_hints(cast: str) -> None:
    assert value(f"att/{cast}Value", ATTRIBUTE) == AnyValue(None)
    assert value(f"att/{cast}Name", ATTRIBUTE) == ast.ElementValue(
        ast.Collection.ATTRIBUTES, edm.ATTRIBUTE.properties[0]
    )


def test_elements_have_their_members() -> None:
    date = edm.CHECKSUM.properties[2]
    assert value("c/ChecksumDate", CHECKSUM) == ast.ElementValue(ast.Collection.CHECKSUM, date)
    assert "c/Size is no member of Checksum; there are Algorithm" in refused(BadQuery, "c/Size", CHECKSUM)
    assert "att is no member of Attributes; there are Name, ValueType, Value" in refused(BadQuery, "att", ATTRIBUTE)


def test_an_element_is_not_seen_from_another_one() -> None:
    assert "att/Name belongs to another element than c" in refused(UnsupportedQuery, "att/Name", CHECKSUM)


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("Attributes", ast.Collection.ATTRIBUTES),
        ("attributes/OData.CSC.StringAttribute", ast.Collection.ATTRIBUTES),
        ("Attributes/OData.CSC.DateTimeOffsetAttribute", ast.Collection.ATTRIBUTES),
        ("IntegerAttributes", ast.Collection.ATTRIBUTES),
        ("Checksum", ast.Collection.CHECKSUM),
        ("Checksums", ast.Collection.CHECKSUM),
    ],
)
def test_collections(path: str, collection: ast.Collection) -> None:
    assert collection_at(path, 1) is collection


@pytest.mark.parametrize("path", ["", "Name", "Quicklooks", "Attributes/Value", "Checksum/Attributes"])
def test_what_is_no_collection(path: str) -> None:
    with pytest.raises(
        BadQuery, match=r"at character 7: .* is no collection of a product; there are Attributes, Check"
    ):
        collection_at(path, 7)
