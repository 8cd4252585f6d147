"""Puts a Sentinel-1 product together: a SAFE package of any level, an orbit file, a mask, a memory configuration."""

from __future__ import annotations

import binascii
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

from prip_core.testing.packages import Content, Filler, digest_of, write_zip
from prip_core.testing.sentinel1.files import earth_explorer_file, mask_file, memory_configuration
from prip_core.testing.sentinel1.manifest import ByteStream, auxiliary_manifest, manifest
from prip_core.testing.sentinel1.specification import (
    Sentinel1Specification,
    compact_time,
    polarisation_channels,
    sentinel1_stem,
)


def build_sentinel1(specification: Sentinel1Specification, folder: Path) -> Path:
    """Build a product as it is delivered: ``<name>.SAFE.zip``, or a bare ``.EOF`` or ``.xml`` file.

    :param folder: an existing folder; a file of the same name there is replaced.
    :returns: the delivered file.
    """
    code = specification.product_type
    if code == "AUX_OBMEMC":
        return _write_file(specification, folder, memory_configuration(specification), ".xml")
    if code.startswith("MSK_"):
        return _write_file(specification, folder, mask_file(specification), ".EOF")
    if code.startswith(("AUX_", "MPL_", "AM")) and len(code) == 10:
        return _write_file(specification, folder, earth_explorer_file(specification), ".EOF")
    return _write_safe(specification, folder)


def _write_file(specification: Sentinel1Specification, folder: Path, content: bytes, suffix: str) -> Path:
    path = folder / (specification.name or sentinel1_stem(specification) + suffix)
    path.write_bytes(specification.edit(content))
    return path


def _write_safe(specification: Sentinel1Specification, folder: Path) -> Path:
    is_auxiliary = specification.product_type.startswith("AUX_")
    payload = _auxiliary_members(specification) if is_auxiliary else _members(specification)
    streams = [_byte_stream(name, content) for name, content in payload.items() if not name.startswith("support/")]
    write_manifest = auxiliary_manifest if is_auxiliary else manifest
    description = specification.edit(write_manifest(specification, streams))
    stem = sentinel1_stem(specification, binascii.crc_hqx(description, 0xFFFF))
    members: dict[str, bytes | Content] = {"manifest.safe": description, **payload}
    kept = {name: content for name, content in members.items() if not name.endswith(specification.left_out)}
    path = folder / (specification.name or f"{stem}.SAFE.zip")
    top = path.name.removesuffix(".zip").removesuffix(".SAFE") + ".SAFE"
    write_zip(path, {f"{top}/{name}": content for name, content in kept.items()})
    return path


def _members(specification: Sentinel1Specification) -> dict[str, bytes | Content]:
    if specification.product_type[3:6] == "RAW":
        return _raw_members(specification)
    return _image_members(specification)


def _raw_members(specification: Sentinel1Specification) -> dict[str, bytes | Content]:
    channels = polarisation_channels(specification)[::-1] or ("",)
    members: dict[str, bytes | Content] = {}
    for number, channel in enumerate(channels):
        stem = _file_stem(specification, channel)
        members[f"{stem}.dat"] = Filler(specification.size // len(channels), seed=number)
        members[f"{stem}-annot.dat"] = Filler(4096, seed=number + 4)
        members[f"{stem}-index.dat"] = Filler(1944, seed=number + 8)
    return members | {f"support/s1-level-0{part}.xsd": _SCHEMA for part in ("", "-annot", "-index")}


def _image_members(specification: Sentinel1Specification) -> dict[str, bytes | Content]:
    channels = polarisation_channels(specification)
    members: dict[str, bytes | Content] = {}
    suffix = ".nc" if specification.product_type[3:6] in ("OCN", "ETA") else ".tiff"
    for number, channel in enumerate(channels, start=1):
        stem = f"{_file_stem(specification, channel)}-{number:03d}"
        members[f"annotation/{stem}.xml"] = _annotation(specification, channel, number)
        members[f"measurement/{stem}{suffix}"] = Filler(specification.size // len(channels), seed=number)
    members["preview/map-overlay.kml"] = _overlay(specification)
    members["preview/quick-look.png"] = _picture()
    return members | {"support/s1-level-1-product.xsd": _SCHEMA, "support/s1-level-1-measurement.xsd": _SCHEMA}


def _auxiliary_members(specification: Sentinel1Specification) -> dict[str, bytes | Content]:
    kind = specification.product_type[4:].lower()
    stem = f"{specification.platform.lower().strip('_')}-aux-{kind}"
    return {f"data/{stem}.xml": Filler(specification.size), f"support/s1-aux-{kind}.xsd": _SCHEMA}


def _file_stem(specification: Sentinel1Specification, channel: str) -> str:
    mode, kind = specification.product_type[:2], specification.product_type[3:6]
    fields = (
        specification.platform,
        mode,
        kind,
        channel,
        compact_time(specification.start),
        compact_time(specification.stop),
    )
    return "-".join([*filter(None, fields), f"{specification.orbit:06d}", f"{specification.datatake:06x}"]).lower()


def _byte_stream(name: str, content: bytes | Content) -> ByteStream:
    return ByteStream(name=name, size=len(content), md5=digest_of(content, "md5"))


def _annotation(specification: Sentinel1Specification, channel: str, number: int) -> bytes:
    header = {
        "missionId": specification.platform,
        "productType": specification.product_type[3:6],
        "polarisation": channel,
        "mode": specification.product_type[:2],
        "startTime": f"{specification.start:%Y-%m-%dT%H:%M:%S.%f}",
        "stopTime": f"{specification.stop:%Y-%m-%dT%H:%M:%S.%f}",
        "absoluteOrbitNumber": specification.orbit,
        "missionDataTakeId": specification.datatake,
        "imageNumber": f"{number:03d}",
    }
    return _document("product", {"adsHeader": _elements(header)})


def _overlay(specification: Sentinel1Specification) -> bytes:
    corners = " ".join(f"{longitude},{latitude}" for longitude, latitude in specification.ring)
    return _document("kml", {"Document": f"<name>Sentinel-1 Map Overlay</name><coordinates>{corners}</coordinates>"})


def _elements(values: Mapping[str, object]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def _document(root: str, values: Mapping[str, object]) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>{_elements(values)}</{root}>\n'.encode()


def _picture() -> bytes:
    """A grey PNG of 8 × 8 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    lines = zlib.compress((b"\0" + b"\x80" * 8) * 8)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


_SCHEMA = b'<?xml version="1.0" encoding="UTF-8"?>\n<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>\n'
