"""The members of a built SAFE user product: one tile with its datastrip."""

from __future__ import annotations

from dataclasses import replace

from prip_core.testing.packages import Content, Filler
from prip_core.testing.sentinel2.documents import (
    datastrip_metadata,
    datatake,
    finish,
    position_list,
    tile_metadata,
    utc,
)
from prip_core.testing.sentinel2.specification import (
    Sentinel2Specification,
    compact,
    datastrip_identifier,
    tile_identifier,
)

_CHECKS = ("FORMAT_CORRECTNESS", "GENERAL_QUALITY", "GEOMETRIC_QUALITY", "RADIOMETRIC_QUALITY", "SENSOR_QUALITY")
_BANDS = ("B02", "B03", "B04", "B08")


def user_product_members(specification: Sentinel2Specification, safe_name: str) -> dict[str, bytes | Content]:
    """All members but the manifest, by their path below the top folder."""
    level, sensing = specification.level, compact(specification.datastrip_start)
    granule = f"GRANULE/{level}_T{specification.tile}_A{specification.orbit:06d}_{sensing}"
    datastrip = f"DATASTRIP/DS_{specification.site}_{compact(specification.made)}_S{sensing}"
    prefix = f"{granule}/IMG_DATA/T{specification.tile}_{compact(specification.datatake)}"
    tile = replace(specification, product_type=f"MSI_{level}_TL", created=specification.made)
    strip = replace(tile, product_type=f"MSI_{level}_DS", sensing=specification.datastrip_start)
    documents: dict[str, bytes | Content] = {
        f"MTD_MSI{level}.xml": _product_metadata(specification, safe_name),
        f"{granule}/MTD_TL.xml": tile_metadata(tile, tile_identifier(specification)),
        f"{datastrip}/MTD_DS.xml": datastrip_metadata(strip),
    }
    share = max(0, specification.size - sum(len(content) for content in documents.values())) // len(_BANDS)
    return documents | {f"{prefix}_{band}.jp2": Filler(share, seed=n) for n, band in enumerate(_BANDS)}


def _product_metadata(specification: Sentinel2Specification, safe_name: str) -> bytes:
    level = specification.level[1:]
    checks = "".join(f'<quality_check checkType="{name}">{specification.status}</quality_check>' for name in _CHECKS)
    xml = f"""<n1:Level-{level}_User_Product
    xmlns:n1="https://psd-15.sentinel2.eo.esa.int/PSD/User_Product_Level-{level}.xsd">
  <n1:General_Info><Product_Info>
    <PRODUCT_START_TIME>{utc(specification.datatake)}</PRODUCT_START_TIME>
    <PRODUCT_STOP_TIME>{utc(specification.datatake)}</PRODUCT_STOP_TIME>
    <PRODUCT_URI>{safe_name}</PRODUCT_URI>
    <PROCESSING_LEVEL>Level-{level}</PROCESSING_LEVEL>
    <PRODUCT_TYPE>{specification.product_type}</PRODUCT_TYPE>
    <PROCESSING_BASELINE>{specification.baseline}</PROCESSING_BASELINE>
    <GENERATION_TIME>{utc(specification.made)}</GENERATION_TIME>
    {datatake(specification, "Datatake")}
    <Product_Organisation><Granule_List>
      <Granule datastripIdentifier="{datastrip_identifier(specification)}"
          granuleIdentifier="{tile_identifier(specification)}" imageFormat="JPEG2000"/>
    </Granule_List></Product_Organisation>
  </Product_Info></n1:General_Info>
  <n1:Geometric_Info><Product_Footprint><Product_Footprint><Global_Footprint>
    <EXT_POS_LIST>{position_list(specification, height=False)}</EXT_POS_LIST>
  </Global_Footprint></Product_Footprint></Product_Footprint></n1:Geometric_Info>
  <n1:Quality_Indicators_Info>
    <Cloud_Coverage_Assessment>{specification.cloud_cover!r}</Cloud_Coverage_Assessment>
    <Quality_Control_Checks><Quality_Inspections>{checks}</Quality_Inspections></Quality_Control_Checks>
  </n1:Quality_Indicators_Info>
</n1:Level-{level}_User_Product>"""
    return finish(xml, specification)
