import pytest

from prip_core.errors import BadQuery, NotAcceptable, PripError, UnsupportedQuery
from prip_core.odata.ast import OrderBy
from prip_core.odata.edm import PATHS, PRODUCT
from prip_core.odata.option_values import MOST_SKIPPED
from prip_core.odata.options import EntityQuery, Query, decode_query, parse_collection_options, parse_entity_options
from prip_core.odata.parse import parse_filter

PAGE = 1000
ATTRIBUTES = frozenset({"Attributes"})
ALL = tuple(each.name for each in PRODUCT.properties)


def read(raw: str) -> Query:
    return parse_collection_options(decode_query(raw), PAGE)


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("", []),
        ("$top=1&$skip=2", [("$top", "1"), ("$skip", "2")]),
        ("%24top=1", [("$top", "1")]),
        ("$filter=Name+eq+%27a%2Bb%27", [("$filter", "Name eq 'a+b'")]),
        ("$filter=Name%20eq%20'a%26b'", [("$filter", "Name eq 'a&b'")]),
        ("$filter=Name eq 'a=b'", [("$filter", "Name eq 'a=b'")]),
        ("$filter=contains(Name,'100%')", [("$filter", "contains(Name,'100%')")]),
        ("a=é", [("a", "é")]),
        ("a=%C3%A9", [("a", "é")]),
        ("&a&&b=", [("a", ""), ("b", "")]),
        ("$expand=A&$expand=B", [("$expand", "A"), ("$expand", "B")]),
    ],
)
def test_query_strings_are_decoded(raw: str, pairs: list[tuple[str, str]]) -> None:
    assert decode_query(raw) == pairs
    assert decode_query(raw.encode()) == pairs


@pytest.mark.parametrize("raw", [b"a=%ff", b"a=\xff", b"%c3=1"])
def test_what_is_not_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(BadQuery, match="not UTF-8"):
        decode_query(raw)


def test_nothing_asked_for() -> None:
    assert read("") == Query(top=PAGE)
    assert read("token=x&filter=ignored&top=-1") == Query(top=PAGE)


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("$top=0", Query(top=0)),
        ("$top=20", Query(top=20)),
        ("$top= 20 ", Query(top=20)),
        ("$top=1000", Query(top=PAGE)),
        ("$top=1001", Query(top=PAGE)),
        ("$top=" + "9" * 5000, Query(top=PAGE)),
        ("$skip=0", Query(top=PAGE)),
        ("$skip=900000", Query(top=PAGE, skip=900_000)),
        (f"$skip={MOST_SKIPPED}", Query(top=PAGE, skip=MOST_SKIPPED)),
        *((f"$count={text}", Query(top=PAGE, count=True)) for text in ("true", "True", "TRUE", "1")),
        *((f"$count={text}", Query(top=PAGE)) for text in ("false", "False", "0")),
        ("$expand=Attributes", Query(top=PAGE, expand=ATTRIBUTES)),
        ("$expand=*", Query(top=PAGE, expand=frozenset({"Attributes", "Quicklooks", "Assets", "Locations"}))),
        ("$expand=Attributes&$expand=Assets", Query(top=PAGE, expand=frozenset({"Attributes", "Assets"}))),
        ("$expand=Attributes, Quicklooks", Query(top=PAGE, expand=frozenset({"Attributes", "Quicklooks"}))),
        ("$expand=Attributes&$expand=Attributes", Query(top=PAGE, expand=ATTRIBUTES)),
        ("$expand=Attributes, Attributes", Query(top=PAGE, expand=ATTRIBUTES)),
        ("$select=Name", Query(top=PAGE, select=("Id", "Name"))),
        (
            "$select=GeoFootprint, ContentDate,Name,Id",
            Query(top=PAGE, select=("Id", "Name", "ContentDate", "GeoFootprint")),
        ),
        ("$select=CreationDate,Checksums", Query(top=PAGE, select=("Id", "PublicationDate", "Checksum"))),
        (
            "$select=Name,Attributes&$expand=Attributes",
            Query(top=PAGE, select=("Id", "Name"), expand=ATTRIBUTES),
        ),
        ("$select=*", Query(top=PAGE)),
        ("$select=Name,*", Query(top=PAGE)),
        (f"$select={','.join(ALL)}", Query(top=PAGE, select=ALL)),
        *((f"$format={text}", Query(top=PAGE)) for text in ("json", "JSON", "application/json;odata.metadata=none")),
        ("$filter=Name eq 'a'", Query(top=PAGE, filter=parse_filter("Name eq 'a'"))),
        (
            "%24skip=5&%24top=7&%24count=true&%24orderby=Name&%24filter=Online",
            Query(top=7, skip=5, count=True, order=(OrderBy(PATHS["Name"]),), filter=parse_filter("Online")),
        ),
    ],
)
def test_options(raw: str, query: Query) -> None:
    assert read(raw) == query


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("PublicationDate", [("PublicationDate", False)]),
        ("PublicationDate asc", [("PublicationDate", False)]),
        ("PublicationDate DESC", [("PublicationDate", True)]),
        (" ContentDate/Start  desc , Name", [("ContentDate/Start", True), ("Name", False)]),
        ("IngestionDate desc", [("PublicationDate", True)]),
        *((path, [(path, False)]) for path in PATHS),
    ],
)
def test_orders(text: str, keys: list[tuple[str, bool]]) -> None:
    assert read(f"$orderby={text}").order == tuple(OrderBy(PATHS[path], descending) for path, descending in keys)


@pytest.mark.parametrize(
    ("raw", "by_publication", "newest_first"),
    [
        ("", True, False),
        ("$orderby=PublicationDate", True, False),
        ("$orderby=CreationDate desc", True, True),
        ("$orderby=Name desc", False, False),
        ("$orderby=PublicationDate desc,Name", False, False),
    ],
)
def test_publication_order_is_told(raw: str, by_publication: bool, newest_first: bool) -> None:
    query = read(raw)
    assert (query.in_publication_order, query.newest_first) == (by_publication, newest_first)


@pytest.mark.parametrize(
    ("raw", "error", "sentence"),
    [
        ("$top=-1", BadQuery, r"\$top is '-1', expected a whole number"),
        ("$top=undefined", BadQuery, r"\$top is 'undefined'"),
        ("$top=1.5", BadQuery, r"\$top is '1.5'"),
        ("$top=", BadQuery, r"\$top is ''"),
        ("$top=٣", BadQuery, r"\$top is"),
        ("$top=1_000", BadQuery, r"\$top is"),
        ("$skip=-1", BadQuery, r"\$skip is '-1'"),
        (f"$skip={MOST_SKIPPED + 1}", BadQuery, r"\$skip is larger"),
        ("$skip=" + "9" * 5000, BadQuery, r"\$skip is larger"),
        ("$count=yes", BadQuery, r"\$count is 'yes', expected true or false"),
        ("$count=", BadQuery, r"\$count is ''"),
        ("$orderby=", BadQuery, r"\$orderby at character 1: found the end, expected a property"),
        ("$orderby=Name,", BadQuery, r"\$orderby at character 6: found the end"),
        ("$orderby=Size", BadQuery, r"\$orderby at character 1: a product has no property 'Size'"),
        ("$orderby=Footprint", BadQuery, "Footprint cannot be filtered or ordered by"),
        ("$orderby=ContentDate", BadQuery, "ContentDate cannot be filtered or ordered by"),
        ("$orderby=Name up", BadQuery, r"\$orderby at character 6: found up, expected .*asc or desc"),
        ("$orderby=length(Name)", UnsupportedQuery, "ordering by expressions is not served"),
        ("$orderby=Name,orbitNumber", UnsupportedQuery, r"\$orderby at character 6: orbitNumber is an attribute"),
        ("$orderby=name", BadQuery, "did you mean Name?"),
        ("$orderby=Name,Name desc", BadQuery, "names Name twice"),
        ("$orderby=CreationDate,PublicationDate", BadQuery, "names PublicationDate twice"),
        ("$expand=", BadQuery, r"\$expand: '' cannot be expanded"),
        ("$expand=Nodes", BadQuery, "'Nodes' cannot be expanded; what can: Attributes, Quicklooks"),
        ("$expand=Attributes&$expand=Products", BadQuery, "'Products' cannot be expanded"),
        ("$expand=attributes", BadQuery, "'attributes' cannot be expanded"),
        ("$expand=Attributes($select=Name)", UnsupportedQuery, "options in brackets"),
        ("$select=", BadQuery, r"\$select: a product has no property ''"),
        ("$select=Name,Size", BadQuery, r"\$select: a product has no property 'Size'; it has Id, Name"),
        ("$format=xml", NotAcceptable, r"\$format is 'xml'"),
        ("$format=application/atom+xml", NotAcceptable, r"\$format is"),
        ("$format=", NotAcceptable, r"\$format is"),
        ("$filter=", BadQuery, r"\$filter is empty"),
        ("$filter=Size eq 1", BadQuery, "no property 'Size'"),
        ("$filter=Name has 'a'", UnsupportedQuery, "has is not served"),
        ("$search=S2A", UnsupportedQuery, r"\$search is not served"),
        ("$apply=x", UnsupportedQuery, r"\$apply is not served"),
        ("$compute=x", UnsupportedQuery, r"\$compute is not served"),
        ("$limit=5", BadQuery, r"no query option \$limit; there are \$count, \$expand"),
        ("$Top=5", BadQuery, r"no query option \$Top"),
        ("$=5", BadQuery, r"no query option \$"),
        ("$top=1&$top=1", BadQuery, r"\$top is given twice"),
        ("$filter=Online&%24filter=Online", BadQuery, r"\$filter is given twice"),
        ("$skiptoken=", BadQuery, r"\$skiptoken is none of this service"),
        ("$skiptoken=12", BadQuery, r"\$skiptoken is none"),
        ("$skiptoken=é", BadQuery, r"\$skiptoken is none"),
        ("$skiptoken=" + "A" * 9000, BadQuery, r"\$skiptoken is none"),
    ],
)
def test_refused_options(raw: str, error: type[PripError], sentence: str) -> None:
    with pytest.raises(error, match=sentence) as caught:
        read(raw)
    assert type(caught.value) is error
    assert len(str(caught.value)) < 400


def test_options_of_a_single_product() -> None:
    assert parse_entity_options([]) == EntityQuery()
    assert parse_entity_options(decode_query("$expand=Attributes&$select=Name&$format=json&x=1")) == EntityQuery(
        expand=ATTRIBUTES, select=("Id", "Name")
    )


@pytest.mark.parametrize("name", ["$filter", "$orderby", "$top", "$skip", "$count", "$skiptoken"])
def test_collection_options_are_refused_on_a_single_product(name: str) -> None:
    with pytest.raises(BadQuery, match=rf"\{name} cannot be asked of a single product; what can: \$expand"):
        parse_entity_options([(name, "1")])


def test_other_options_on_a_single_product() -> None:
    with pytest.raises(UnsupportedQuery, match="search"):
        parse_entity_options([("$search", "1")])
    with pytest.raises(BadQuery, match="no query option"):
        parse_entity_options([("$limit", "1")])
    with pytest.raises(NotAcceptable):
        parse_entity_options([("$format", "xml")])
