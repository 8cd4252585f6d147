from prip_core.model import ProductionType
from prip_core.odata import ast, edm


def test_paths_name_the_columns_of_the_catalogue() -> None:
    assert {path.name: path.column for path in edm.PATHS.values()} == {
        "Id": "id",
        "Name": "name",
        "ContentType": "content_type",
        "ContentLength": "content_length",
        "OriginDate": "origin_date",
        "PublicationDate": "publication_date",
        "ModificationDate": "modification_date",
        "Online": "online",
        "EvictionDate": "eviction_date",
        "ProductionType": "production_type",
        "ContentDate/Start": "content_start",
        "ContentDate/End": "content_end",
    }


def test_deleted_products_are_asked_for_by_when_and_why_they_went() -> None:
    paths = edm.paths_of(edm.DELETED_PRODUCT)
    assert paths["DeletionDate"].column == "deletion_date"
    assert paths["DeletionCause"].column == "deletion_cause"
    assert {"Id", "Name", "OriginDate", "ContentDate/Start", "ContentDate/End"} <= set(paths)


def test_every_alias_leads_to_a_declared_property() -> None:
    assert set(edm.ALIASES.values()) <= {declared.name for declared in edm.PRODUCT.properties}


def test_production_types_are_those_of_the_model() -> None:
    assert dict(edm.PRODUCTION_TYPE.members) == {member.label: member.number for member in ProductionType}


def test_functions_of_the_table_are_the_relations_of_trees() -> None:
    assert [function.name for function in edm.FUNCTIONS] == list(ast.Relation)


def test_collections_of_trees_are_declared() -> None:
    navigations = {navigation.name for navigation in edm.PRODUCT.navigations}
    lists = {declared.name for declared in edm.PRODUCT.properties if declared.collection}
    assert set(ast.Collection) <= navigations | lists
