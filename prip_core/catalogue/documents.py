"""Documents as the catalogue keeps them: texts that are much alike, compressed against a dictionary they share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import zstandard

from prip_core.catalogue.database import Database
from prip_core.model import ProductionType
from prip_core.odata import edm

_LEVEL = 6  # of 22; the next three take a third longer and gain a sixtieth, the higher ones ten times as long

_ATTRIBUTE_NAMES: Mapping[str, str] = {
    "String": "authority coordinates datastripId datatakeID granuleIdentifier identifier instrumentShortName "
    "lastOrbitDirection operationalMode orbitDirection origin parentIdentifier platformSerialIdentifier "
    "platformShortName polarisationChannels processingCenter processingLevel processingMode processorName "
    "processorVersion productClass productComposition productConsolidation productGroupId productType qualityInfo "
    "qualityStatus swathIdentifier tileId timeliness baselineCollection parentProduct checkName",
    "Integer": "cycleNumber detectorId instrumentConfigurationID lastOrbitNumber lastRelativeOrbitNumber orbitNumber "
    "relativeOrbitNumber sliceNumber totalSlices qualityNumOfElement qualityNumOfMissingElements "
    "qualityNumOfCorruptedElements qualityNumOfRSIncorrigibleElements qualityNumOfRSCorrectedElements "
    "qualityNumOfRSCorrectedSymbols",
    "Double": "cloudCover illuminationZenithAngle startTimeFromAscendingNode completionTimeFromAscendingNode",
    "Boolean": "sliceProductFlag",
    "DateTimeOffset": "beginningDateTime endingDateTime processingDate productGeneration segmentStartTime",
}
_VALUES = (
    "SENTINEL-1 SENTINEL-2 SENTINEL-3 SENTINEL-5P MSI SAR ASCENDING DESCENDING NOMINAL NRT L0 L1A L1B L1C L2A true"
)


def common_text() -> bytes:
    """The dictionary that new databases get: what answers repeat, their most frequent parts last (they are nearest).

    A database keeps those that its documents were packed with, so this text may change.
    """
    return "".join(_common_parts()).encode()


def _common_parts() -> Iterator[str]:
    yield _VALUES
    for kind, names in _ATTRIBUTE_NAMES.items():
        opening = f'{{"@odata.type":"#{edm.NAMESPACE}.{kind}Attribute","Name":"'
        quote = '"' if kind in {"String", "DateTimeOffset"} else ""
        for name in names.split():
            yield f'{opening}{name}","ValueType":"{kind}","Value":{quote}'
        yield f'"}},{opening}'
    yield ",".join(f'"ProductionType":"{member.label}"' for member in ProductionType)
    yield '"GeoFootprint":{"type":"MultiPolygon","coordinates":[[[[-"Footprint":"geography\'SRID=4326;MULTIPOLYGON(((-'
    for content_type in ("application/octet-stream", "application/zip", "application/xml", "application/x-tar"):
        yield f'"@odata.mediaContentType":"{content_type}","Id":"-4-8","Name":"S2A_OPER_",'
        yield f'"ContentType":"{content_type}",'
    yield (
        '"ContentLength":0,"OriginDate":"2025-01-01T00:00:00.000Z","PublicationDate":"2026-01-01T00:00:00.000Z",'
        '"Checksum":[{"Algorithm":"MD5","Value":"","ChecksumDate":"2026-01-01T00:00:00.000Z"},'
        '{"Algorithm":"BLAKE3","Value":"","ChecksumDate":"2026-01-01T00:00:00.000Z"}],'
        '"ProductionType":"systematic_production",'
        '"ContentDate":{"Start":"2026-01-01T00:00:00.000Z","End":"2026-01-01T00:00:00.000Z"},'
        '"Footprint":"geography\'SRID=4326;POLYGON((0.0))\'",'
        '"GeoFootprint":{"type":"Polygon","coordinates":[[[0.0],[0.0]]]}"Footprint":null,"GeoFootprint":null'
    )


class Compression:
    """Packs and unpacks documents with one dictionary; needs no database, and is safe to share between threads.

    In another process it is made anew, once for each dictionary.

    :param dictionary: text that documents have in common.
    """

    def __init__(self, dictionary: bytes) -> None:
        self._dictionary = dictionary
        # Neither compressors nor decompressors of the library may be used by two threads at once.
        self._own = _OfThread()

    def pack(self, fixed: str, attributes: str | None) -> bytes:
        """A document, compressed; the two texts are JSON without line breaks, and share much."""
        packed: bytes = self._tools().packer.compress(f"{fixed}\n{attributes or ''}".encode())
        return packed

    def unpack(self, packed: bytes) -> tuple[bytes, bytes | None]:
        """The two texts that :meth:`pack` was given, in UTF-8."""
        fixed, _, attributes = self._tools().unpacker.decompress(packed).partition(b"\n")
        return fixed, attributes or None

    def __reduce__(self) -> tuple[Callable[[bytes], Compression], tuple[bytes]]:
        return _compression_of, (self._dictionary,)

    def _tools(self) -> _Tools:
        if self._own.tools is None:
            self._own.tools = _tools(self._dictionary)
        return self._own.tools


@cache
def _compression_of(dictionary: bytes) -> Compression:
    return Compression(dictionary)


@dataclass(frozen=True, slots=True)
class Packing:
    """How new documents are packed.

    :param dictionary: the number of the dictionary in the database.
    """

    dictionary: int
    compression: Compression


class Documents:
    """The dictionaries of a database, read once each: none is ever changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[int, Compression] = {}
        self._newest: int | None = None

    def packing(self) -> Packing:
        """How new documents are packed: with the newest dictionary."""
        if self._newest is None:
            ((newest,),) = self._database.rows_of("SELECT max(id) FROM document_dictionary")
            self._newest = int(newest)
        return Packing(self._newest, self._compression(self._newest))

    def unpack(self, dictionary: int, content: bytes) -> tuple[bytes, bytes | None]:
        """The texts of a document, in UTF-8: what never changes of its product, and its attributes."""
        return self._compression(dictionary).unpack(content)

    def _compression(self, dictionary: int) -> Compression:
        found = self._read.get(dictionary)
        if found is None:
            ((content,),) = self._database.rows_of(
                "SELECT content FROM document_dictionary WHERE id = ?", (dictionary,)
            )
            found = self._read[dictionary] = Compression(bytes(content))
        return found


@dataclass(frozen=True, slots=True)
class _Tools:
    packer: zstandard.ZstdCompressor
    unpacker: zstandard.ZstdDecompressor


class _OfThread(threading.local):
    tools: _Tools | None = None


def _tools(dictionary: bytes) -> _Tools:
    shared = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    shared.precompute_compress(level=_LEVEL)
    packer = zstandard.ZstdCompressor(dict_data=shared, write_checksum=False, write_dict_id=False)
    return _Tools(packer, zstandard.ZstdDecompressor(dict_data=shared))
