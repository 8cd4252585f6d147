"""Writes Sentinel-1 products that are one XML file: orbit files, masks, on-board memory configurations."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from prip_core.testing.sentinel1.specification import Sentinel1Specification, sentinel1_stem

_VECTOR_BYTES = 320
"""About what one state vector takes."""
_RADIUS, _SPEED, _PERIOD = 7_071_000.0, 7_500.0, 5_925.0
"""Of a circular orbit like Sentinel-1's: metres, metres a second, seconds."""


def earth_explorer_file(specification: Sentinel1Specification) -> bytes:
    """An orbit file: header and state vectors, as many as the specified size holds."""
    count = max(1, specification.size // _VECTOR_BYTES)
    vectors = "".join(_state_vector(specification.start, number) for number in range(count))
    block = f'<Data_Block type="xml">\n<List_of_OSVs count="{count}">\n{vectors}</List_of_OSVs>\n</Data_Block>'
    return _earth_explorer(specification, block)


def mask_file(specification: Sentinel1Specification) -> bytes:
    """A mask: header and the area of the specification."""
    corners = " ".join(f"{longitude},{latitude}" for longitude, latitude in specification.ring)
    return _earth_explorer(specification, f'<Data_Block type="xml"><coordinates>{corners}</coordinates></Data_Block>')


def memory_configuration(specification: Sentinel1Specification) -> bytes:
    """An on-board memory configuration: its validity and one packet store."""
    return (
        '<?xml version="1.0" standalone="yes"?>\n<OnBoardMemoryConfigurationUpdate>\n'
        f"<Creation_Time>{_utc(specification.processed)}</Creation_Time>\n"
        f"<Validity_Start>{_utc(specification.start)}</Validity_Start>\n"
        f"<Validity_Stop>{_utc(specification.stop)}</Validity_Stop>\n"
        "<List_of_PacketStoreAssociations><PacketStoreAssociation><PacketStoreId>PS-0</PacketStoreId>"
        "<VirtualChannelId>VC-0</VirtualChannelId></PacketStoreAssociation></List_of_PacketStoreAssociations>\n"
        "</OnBoardMemoryConfigurationUpdate>\n"
    ).encode()


def _earth_explorer(specification: Sentinel1Specification, block: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Earth_Explorer_File xmlns="http://eop-cfi.esa.int/CFI">\n'
        "<Earth_Explorer_Header><Fixed_Header>\n"
        f"<File_Name>{sentinel1_stem(specification)}</File_Name>\n<File_Description/>\n<Notes/>\n"
        f"<Mission>Sentinel-{specification.platform[1:].strip('_')}</Mission>\n<File_Class>OPER</File_Class>\n"
        f"<File_Type>{specification.product_type}</File_Type>\n"
        f"<Validity_Period><Validity_Start>{_utc(specification.start)}</Validity_Start>"
        f"<Validity_Stop>{_utc(specification.stop)}</Validity_Stop></Validity_Period>\n"
        "<File_Version>0001</File_Version>\n<Source><System>OPOD</System><Creator>OPOD</Creator>"
        f"<Creator_Version>3.2.1</Creator_Version><Creation_Date>{_utc(specification.processed)}</Creation_Date></Source>\n"
        f"</Fixed_Header></Earth_Explorer_Header>\n{block}\n</Earth_Explorer_File>\n"
    ).encode()


def _state_vector(start: datetime, number: int) -> str:
    angle = 2 * math.pi * 10 * number / _PERIOD
    along, up = math.cos(angle), math.sin(angle)
    return (
        f"<OSV><UTC>{_utc(start + timedelta(seconds=10 * number))}</UTC>"
        f'<X unit="m">{_RADIUS * along:.6f}</X><Y unit="m">0.000000</Y><Z unit="m">{_RADIUS * up:.6f}</Z>'
        f'<VX unit="m/s">{-_SPEED * up:.6f}</VX><VY unit="m/s">0.000000</VY><VZ unit="m/s">{_SPEED * along:.6f}</VZ>'
        "<Quality>NOMINAL</Quality></OSV>\n"
    )


def _utc(moment: datetime) -> str:
    return f"UTC={moment:%Y-%m-%dT%H:%M:%S}"
