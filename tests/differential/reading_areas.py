"""Areas as odata-query hands them over, by their text."""

from __future__ import annotations

import shapely
from odata_query import ast as theirs

from tests.differential.areas import Area, around_pole
from tests.differential.shapes import folded, unwrapped

_GEO_INTERSECTS = ("geo", "intersects")


def area(node: theirs.Call) -> Area:
    """A call of ``OData.CSC.Intersects`` and the like, with named arguments or without."""
    arguments = [each.param if isinstance(each, theirs.NamedParam) else each for each in node.args]
    (literal,) = (each for each in arguments if isinstance(each, theirs.Geography))
    shape = shapely.from_wkt(literal.val.partition(";")[2].strip().upper())
    relation = "Intersects" if (*node.func.namespace, node.func.name) == _GEO_INTERSECTS else node.func.name
    return Area(relation, shape.geom_type.upper(), None, _meant(shape))


def _meant(shape: shapely.Geometry) -> shapely.Geometry:
    """Split at the antimeridian, where a step of more than half a turn crosses it."""
    match shape:
        case shapely.Point() | shapely.MultiPoint() | shapely.MultiLineString():
            return shape
        case shapely.LineString():
            return folded(shapely.LineString(unwrapped(list(shape.coords))))
        case shapely.MultiPolygon(geoms=geoms):
            return shapely.union_all([_meant(each) for each in geoms])
    return _meant_polygon(shape)


def _meant_polygon(polygon: shapely.Polygon) -> shapely.Geometry:
    longitudes = [longitude for longitude, _ in polygon.exterior.coords]
    if min(longitudes) == -180 and max(longitudes) == 180:
        return polygon
    outer = unwrapped(list(polygon.exterior.coords))
    if outer[0] != outer[-1]:
        return around_pole(polygon.exterior.coords[0][1])
    return folded(shapely.Polygon(outer, [unwrapped(list(hole.coords)) for hole in polygon.interiors]))
