"""Documents as the catalogue keeps them: texts that are much alike, compressed against a dictionary they share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import zstandard

from prip_core.catalogue.database import Database

_LEVEL = 6  # of 22; the next three take a third longer and gain a sixtieth, the higher ones ten times as long

# A dictionary is learnt at so many products, and again whenever there are so many times more.
_FIRST = 2_000
_FACTOR = 100
_SAMPLES = 1_000
_LARGEST = 8192  # bytes of a dictionary; larger ones gain nothing


class Compression:
    """Packs and unpacks documents with one dictionary; needs no database, and is safe to share between threads.

    In another process it is made anew, once for each dictionary.

    :param dictionary: text that documents have in common, or what was learnt from them.
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
        fixed, _, attributes = self.text(packed).partition(b"\n")
        return fixed, attributes or None

    def text(self, packed: bytes) -> bytes:
        """A document as it was before it was compressed."""
        text: bytes = self._tools().unpacker.decompress(packed)
        return text

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
    """The dictionaries of a database: none is ever changed, and new documents are packed with the newest.

    The first one came with the database; the others are learnt from its documents.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read: dict[int, Compression] = {}
        self._known = 1  # the newest, as far as is known

    def packing(self) -> Packing:
        """How new documents are packed.

        Not to be asked behind :meth:`learn` in one transaction: what that added is remembered here, and may yet be
        rolled back.
        """
        self._known = self._newest()
        return Packing(self._known, self._compression(self._known))

    def unpack(self, dictionary: int, content: bytes) -> tuple[bytes, bytes | None]:
        """The texts of a document, in UTF-8: what never changes of its product, and its attributes."""
        return self._compression(dictionary).unpack(content)

    def learn(self, products: int) -> None:
        """Add a dictionary when a catalogue has grown enough to know better; inside a writing transaction only.

        :param products: how many there are.
        """
        if products < _learnt_at(self._known):
            return
        newest = self._newest()
        if products < _learnt_at(newest):
            return
        content = learnt(self._samples(products)) or self._content(newest)
        # It is not remembered here: the transaction may be rolled back.
        self._database.execute_many(
            "INSERT INTO document_dictionary (id, content) VALUES (?, ?)", [(newest + 1, content)]
        )

    def _samples(self, products: int) -> Sequence[bytes]:
        """Documents that are spread evenly over all."""
        seqs = sorted({1 + number * products // _SAMPLES for number in range(_SAMPLES)})
        places = ", ".join("?" * len(seqs))
        rows = self._database.rows_of(
            f"SELECT dictionary, content FROM document WHERE seq IN ({places})",  # noqa: S608  # places
            seqs,
        )
        return [self._compression(dictionary).text(content) for dictionary, content in rows]

    def _newest(self) -> int:
        ((newest,),) = self._database.rows_of("SELECT max(id) FROM document_dictionary")
        return int(newest)

    def _compression(self, dictionary: int) -> Compression:
        found = self._read.get(dictionary)
        if found is None:
            found = self._read[dictionary] = Compression(self._content(dictionary))
        return found

    def _content(self, dictionary: int) -> bytes:
        ((content,),) = self._database.rows_of("SELECT content FROM document_dictionary WHERE id = ?", (dictionary,))
        return bytes(content)


def learnt(samples: Sequence[bytes]) -> bytes | None:
    """A dictionary of what texts have in common; ``None``: there is nothing that one could be made of."""
    try:
        return zstandard.train_dictionary(_LARGEST, list(samples)).as_bytes()
    except zstandard.ZstdError:
        return None


def _learnt_at(dictionary: int) -> int:
    """How many products there must be for the next dictionary."""
    return int(_FIRST * _FACTOR ** (dictionary - 1))


@dataclass(frozen=True, slots=True)
class _Tools:
    packer: zstandard.ZstdCompressor
    unpacker: zstandard.ZstdDecompressor


class _OfThread(threading.local):
    tools: _Tools | None = None


def _tools(dictionary: bytes) -> _Tools:
    shared = zstandard.ZstdCompressionDict(dictionary)  # a text, or a learnt one, as its first bytes say
    shared.precompute_compress(level=_LEVEL)
    packer = zstandard.ZstdCompressor(dict_data=shared, write_checksum=False, write_dict_id=False)
    return _Tools(packer, zstandard.ZstdDecompressor(dict_data=shared))
