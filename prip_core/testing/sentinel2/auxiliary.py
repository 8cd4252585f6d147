"""Earth Explorer files of built Sentinel-2 products: headers of processing parameters, orbit files."""

from __future__ import annotations

from prip_core.testing.sentinel2.documents import earth_explorer_time, finish
from prip_core.testing.sentinel2.specification import Sentinel2Specification, auxiliary_period


def header_file(specification: Sentinel2Specification, stem: str) -> bytes:
    """The ``.HDR`` beside a ``.DBL``."""
    return finish(f"<Earth_Explorer_Header>{_fixed_header(specification, stem)}</Earth_Explorer_Header>", specification)


def orbit_file(specification: Sentinel2Specification, stem: str) -> bytes:
    """An ``.EOF``: header and state vectors in one document, about as large as the specification says."""
    count = max(1, specification.size // 64)
    vectors = "".join(
        f"<OSV><UTC>{earth_explorer_time(specification.sensing)}</UTC><X>{n}</X></OSV>" for n in range(count)
    )
    header = f"<Earth_Explorer_Header>{_fixed_header(specification, stem)}</Earth_Explorer_Header>"
    block = f'<Data_Block type="xml"><List_of_OSVs count="{count}">{vectors}</List_of_OSVs></Data_Block>'
    return finish(f"<Earth_Explorer_File>{header}{block}</Earth_Explorer_File>", specification)


def _fixed_header(specification: Sentinel2Specification, stem: str) -> str:
    start, stop = auxiliary_period(specification)
    return f"""<Fixed_Header>
    <File_Name>{stem}</File_Name>
    <File_Description>{specification.product_type}</File_Description>
    <Notes/>
    <Mission>Sentinel-{specification.platform[1:].rstrip("_")}</Mission>
    <File_Class>{specification.file_class}</File_Class>
    <File_Type>{specification.product_type}</File_Type>
    <Validity_Period>
      <Validity_Start>{earth_explorer_time(start)}</Validity_Start>
      <Validity_Stop>{earth_explorer_time(stop)}</Validity_Stop>
    </Validity_Period>
    <File_Version>0001</File_Version>
    <Source>
      <System>{specification.site}</System><Creator>IQP</Creator><Creator_Version>2.0</Creator_Version>
      <Creation_Date>{earth_explorer_time(specification.made)}</Creation_Date>
    </Source>
  </Fixed_Header><Variable_Header/>"""
