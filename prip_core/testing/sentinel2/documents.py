"""The XML documents of a built Sentinel-2 product: inventory, MTD files and quality reports."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from prip_core.testing.sentinel2.specification import (
    Sentinel2Specification,
    datastrip_identifier,
    datatake_identifier,
    with_baseline,
    without_baseline,
)

_PSD = "https://psd-15.sentinel2.eo.esa.int/PSD"
REPORT_NAMESPACE = "http://gs2.esa.int/DATA_STRUCTURE/olqcReport"
LEVEL_2A_REPORT_NAMESPACE = "http://gs2.esa.int/DATA_STRUCTURE/l2aqiReport"


def finish(xml: str, specification: Sentinel2Specification, *, encoding: str = "UTF-8") -> bytes:
    """A document as bytes, after the overrides of the specification."""
    root = etree.fromstring(xml)
    for element in list(root.iter("{*}*")):
        name = etree.QName(element).localname
        if name not in specification.overrides:
            continue
        text, parent = specification.overrides[name], element.getparent()
        if text is None and parent is not None:
            parent.remove(element)
        else:
            element.text = text
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return (declaration + etree.tostring(root, encoding="unicode")).encode(encoding, "xmlcharrefreplace")


def utc(moment: datetime) -> str:
    """A time as MTD files write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z"


def earth_explorer_time(moment: datetime) -> str:
    """A time as inventories and Earth Explorer headers write it."""
    return f"UTC={moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}"


def inventory(specification: Sentinel2Specification, identifier: str, data_size: int) -> bytes:
    """``Inventory_Metadata.xml``.

    :param data_size: bytes of the product's data.
    """
    code = specification.product_type
    is_image = code.startswith("MSI_")
    detector = f"<Detector>{specification.detector:02d}</Detector>" if code.endswith("_GR") else ""
    image = f"<CloudPercentage>{specification.cloud_cover!r}</CloudPercentage>" if is_image else ""
    xml = f"""<Inventory_Metadata xmlns="{_PSD}/Inventory_Metadata.xsd">
  <File_ID>{identifier}</File_ID>{_relations(specification) if is_image else ""}
  <File_Name>{identifier}</File_Name>
  {f"<File_Version>{specification.baseline}</File_Version>" if is_image else ""}
  <System>S2PDGS-DPC</System>
  <Source>{specification.level}_Processor</Source>
  <Source_Sw_Version>03.00.06</Source_Sw_Version>
  <Generation_Time>{earth_explorer_time(specification.made)}</Generation_Time>
  <Validity_Start>{earth_explorer_time(specification.sensing)}</Validity_Start>
  <Validity_Stop>{earth_explorer_time(specification.stop)}</Validity_Stop>
  <Start_Orbit_Number>{specification.orbit:06d}</Start_Orbit_Number>
  <Stop_Orbit_Number>{specification.orbit:06d}</Stop_Orbit_Number>
  {_localization(specification) if is_image else ""}
  <Quality_Info>{specification.quality}</Quality_Info>
  <Data_Size>{data_size}</Data_Size>
  <File_Type>{code}</File_Type>
  {detector}
  <File_Class>NOM</File_Class>
  <Sensor_Code>MSI</Sensor_Code>
  <Sensor_Mode>NOM</Sensor_Mode>
  <Acquisition_Station>{specification.station}</Acquisition_Station>
  <Processing_Station>{specification.site}</Processing_Station>
  <Satellite_Code>{specification.platform}</Satellite_Code>
  <Ascending_Flag>false</Ascending_Flag>
  {image}
</Inventory_Metadata>"""
    return finish(xml, specification, encoding="ISO-8859-1")


def unit_metadata(specification: Sentinel2Specification) -> bytes:
    """The MTD file of a granule, datastrip or tile."""
    kind = specification.product_type[-2:]
    if kind == "DS":
        return datastrip_metadata(specification)
    if kind == "GR":
        return _granule_metadata(specification)
    return tile_metadata(specification, with_baseline(specification))


def datastrip_metadata(specification: Sentinel2Specification) -> bytes:
    """The MTD file of a datastrip that lasts from ``sensing`` to ``stop``."""
    info = f"""
    {datatake(specification, "Datatake_Info")}
    <Datastrip_Time_Info>
      <DATASTRIP_SENSING_START>{utc(specification.sensing)}</DATASTRIP_SENSING_START>
      <DATASTRIP_SENSING_STOP>{utc(specification.stop)}</DATASTRIP_SENSING_STOP>
    </Datastrip_Time_Info>
    <Processing_Info>
      <PROCESSING_BASELINE>{specification.baseline}</PROCESSING_BASELINE>
      <PROCESSING_CENTER>{specification.site}</PROCESSING_CENTER>
      <UTC_DATE_TIME>{utc(specification.made)}</UTC_DATE_TIME>
    </Processing_Info>
    <Downlink_Info>
      <RECEPTION_STATION>{specification.station}</RECEPTION_STATION>
      <DOWNLINK_ORBIT_NUMBER>{specification.downlink_orbit}</DOWNLINK_ORBIT_NUMBER>
    </Downlink_Info>"""
    return _metadata(
        specification, "DataStrip", info, f"<n1:Image_Data_Info>{_parts(specification)}</n1:Image_Data_Info>"
    )


def tile_metadata(specification: Sentinel2Specification, identifier: str) -> bytes:
    """The MTD file of a tile."""
    (left, top), zone = specification.upper_left, reference_system(specification)
    geometry = f"""<n1:Geometric_Info>
    <Tile_Geocoding>
      <HORIZONTAL_CS_CODE>EPSG:{zone}</HORIZONTAL_CS_CODE>
      <Size resolution="10"><NROWS>10980</NROWS><NCOLS>10980</NCOLS></Size>
      <Geoposition resolution="10"><ULX>{left}</ULX><ULY>{top}</ULY><XDIM>10</XDIM><YDIM>-10</YDIM></Geoposition>
    </Tile_Geocoding>
    <Tile_Angles>
      <Mean_Sun_Angle><ZENITH_ANGLE unit="deg">{specification.sun_zenith!r}</ZENITH_ANGLE></Mean_Sun_Angle>
    </Tile_Angles>
  </n1:Geometric_Info>"""
    info = f"<TILE_ID>{identifier}</TILE_ID>{_unit_info(specification)}"
    return _metadata(specification, "Tile", info, geometry)


def quality_report(specification: Sentinel2Specification, about: Sentinel2Specification, check: str) -> bytes:
    """A quality report.

    :param about: the product that was inspected.
    """
    item, level = with_baseline(about), about.level.strip("_L").lower()
    unit = {"GR": "granule", "DS": "datastrip", "TL": "tile"}[about.product_type[-2:]]
    status = specification.inspection_status or specification.status
    inspections = "".join(
        f'<check><inspection id="{name}" name="{name}" status="{status}" item="{item}" processingStatus="done"/>'
        f'<message contentType="text/plain">{name}: {status}</message></check>'
        for name in ("checkMetadata", "hrefExist")
    )
    xml = f"""<Earth_Explorer_File xmlns="{REPORT_NAMESPACE}">
  <Earth_Explorer_Header><Fixed_Header>
    <File_Name>{without_baseline(about)}_{check}_report.xml</File_Name>
    <File_Description>Report produced by OLQC-SC</File_Description>
    <Notes/>
    <Mission>{about.platform}</Mission>
    <File_Class>{about.file_class}</File_Class>
    <File_Type>REP_OLQCPA</File_Type>
    <Validity_Period>
      <Validity_Start>UTC=2019-02-11T00:00:00</Validity_Start><Validity_Stop>UTC=2100-01-01T00:00:00</Validity_Stop>
    </Validity_Period>
    <File_Version>2</File_Version>
    <Source>
      <System>OLQC-SC</System><Creator>OLQC-SC</Creator><Creator_Version>01.06.04</Creator_Version>
      <Creation_Date>{earth_explorer_time(about.made)}</Creation_Date>
    </Source>
  </Fixed_Header></Earth_Explorer_Header>
  <Data_Block type="xml">
    <report gippVersion="1.0" globalStatus="{specification.status}" date="{utc(about.made)}">
      <checkList>
        <parentID>{about.platform}_OPER_GIP_OLQCPA_MPC__20181218T000020_V20190211T000000</parentID>
        <name>{check}</name>
        <version>1.0</version>
        <item name="{item}" class="http://www.esa.int/s2#pdi_level_{level}_{unit}_container"/>
        {inspections}
      </checkList>
    </report>
  </Data_Block>
</Earth_Explorer_File>"""
    return finish(xml, specification)


def level_2a_report(specification: Sentinel2Specification) -> bytes:
    """The report of the Level-2A processor about a tile: checks without inspections."""
    checks = "".join(
        f"<checkList><parentID>L2A_SC</parentID><name>{name}</name><version>2.11</version>"
        f'<item name="{with_baseline(specification)}" class="http://www.esa.int/s2#pdi_level_2a_tile_container"/>'
        '<check><message contentType="text/plain"/></check></checkList>'
        for name in ("SCENE_CLASS_QUALITY", "ATMOSPHERIC_CORRECTION_QUALITY", "AUX_DATA_QUALITY")
    )
    xml = f"""<L2A_Quality_File xmlns="{LEVEL_2A_REPORT_NAMESPACE}">
  <L2A_Quality_Header><Fixed_Header>
    <File_Name>L2A_QUALITY</File_Name>
    <Mission>{specification.platform}</Mission>
    <File_Class>{specification.file_class}</File_Class>
    <File_Type>L2A_QLINFO</File_Type>
    <Source><System>Sen2Cor</System><Creator>Sen2Cor</Creator><Creator_Version>2.11</Creator_Version></Source>
  </Fixed_Header></L2A_Quality_Header>
  <Data_Block type="xml">
    <report gippVersion="02.11.00" globalStatus="{specification.status}" date="{utc(specification.made)}">
      {checks}
    </report>
  </Data_Block>
</L2A_Quality_File>"""
    return finish(xml, specification)


def datatake(specification: Sentinel2Specification, element: str) -> str:
    """The description of the datatake inside an element of this name."""
    return f"""<{element} datatakeIdentifier="{datatake_identifier(specification)}">
      <SPACECRAFT_NAME>Sentinel-{specification.platform[1:]}</SPACECRAFT_NAME>
      <DATATAKE_TYPE>{specification.mode}</DATATAKE_TYPE>
      <DATATAKE_SENSING_START>{utc(specification.datatake)}</DATATAKE_SENSING_START>
      <SENSING_ORBIT_NUMBER>{specification.relative_orbit}</SENSING_ORBIT_NUMBER>
      <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>
    </{element}>"""


def reference_system(specification: Sentinel2Specification) -> int:
    """EPSG code of the tile's UTM zone."""
    return (32600 if specification.tile[2] >= "N" else 32700) + int(specification.tile[:2])


def position_list(specification: Sentinel2Specification, *, height: bool) -> str:
    """The outline as an ``EXT_POS_LIST``, latitude first."""
    tail = " 0" if height else ""
    return " ".join(f"{latitude!r} {longitude!r}{tail}" for longitude, latitude in specification.closed_ring)


def _relations(specification: Sentinel2Specification) -> str:
    parent = f"<Parent_ID>{datastrip_identifier(specification)}</Parent_ID>"
    if specification.product_type.endswith("_DS"):
        parent = ""
    return f"{parent}<Group_ID>{datatake_identifier(specification)}</Group_ID>"


def _localization(specification: Sentinel2Specification) -> str:
    if not specification.ring:
        return ""
    ring = specification.closed_ring
    points = "".join(
        f"<Geo_Pnt><LATITUDE>{latitude!r}</LATITUDE><LONGITUDE>{longitude!r}</LONGITUDE></Geo_Pnt>"
        for longitude, latitude in ring
    )
    return (
        "<Geographic_Localization><GEO_TYPE>Polygon</GEO_TYPE>"
        f'<List_Of_Geo_Pnt count="{len(ring)}">{points}</List_Of_Geo_Pnt></Geographic_Localization>'
    )


def _granule_metadata(specification: Sentinel2Specification) -> bytes:
    geometry = f"""<n1:Geometric_Info>
    <Granule_Footprint><Granule_Footprint><Footprint>
      <EXT_POS_LIST>{position_list(specification, height=True)}</EXT_POS_LIST>
    </Footprint></Granule_Footprint></Granule_Footprint>
    <Granule_Position><POSITION>1</POSITION><Geometric_Header>
      <Solar_Angles><ZENITH_ANGLE unit="deg">{specification.sun_zenith!r}</ZENITH_ANGLE></Solar_Angles>
    </Geometric_Header></Granule_Position>
  </n1:Geometric_Info>"""
    info = (
        f"<GRANULE_ID>{with_baseline(specification)}</GRANULE_ID>"
        f"<DETECTOR_ID>{specification.detector:02d}</DETECTOR_ID>{_unit_info(specification)}"
    )
    return _metadata(specification, "Granule", info, geometry)


def _unit_info(specification: Sentinel2Specification) -> str:
    return f"""
    <DATASTRIP_ID>{datastrip_identifier(specification)}</DATASTRIP_ID>
    <DOWNLINK_PRIORITY>NOMINAL</DOWNLINK_PRIORITY>
    <SENSING_TIME>{utc(specification.sensing)}</SENSING_TIME>"""


def _metadata(specification: Sentinel2Specification, unit: str, info: str, body: str) -> bytes:
    level = specification.level.strip("_L")
    schema = f"{_PSD}/S2_PDI_Level-{level}_{unit.capitalize()}_Metadata.xsd"
    xml = f"""<n1:Level-{level}_{unit}_ID xmlns:n1="{schema}">
  <n1:General_Info>{info}
  </n1:General_Info>
  {body}
</n1:Level-{level}_{unit}_ID>"""
    return finish(xml, specification)


def _parts(specification: Sentinel2Specification) -> str:
    if specification.level in ("L1C", "L2A"):
        tiles = "".join(f'<Tile tileId="{name}"/>' for name in specification.parts)
        return f"<Tiles_Information><Tile_List>{tiles}</Tile_List></Tiles_Information>"
    granules = "".join(
        f'<Granule granuleId="{name}"><POSITION>{1 + 2304 * index}</POSITION></Granule>'
        for index, name in enumerate(specification.parts)
    )
    return (
        '<Granules_Information><Detector_List><Detector detectorId="01">'
        f"<Granule_List>{granules}</Granule_List></Detector></Detector_List></Granules_Information>"
    )
