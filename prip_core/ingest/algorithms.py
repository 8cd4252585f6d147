"""The digests that this delivery point computes, by the names that OData and manifests have for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Protocol

from blake3 import blake3

from prip_core.errors import ProductRejected


class Hash(Protocol):
    """What all digests offer."""

    def update(self, data: bytes | memoryview, /) -> object: ...

    def hexdigest(self) -> str: ...


_ALGORITHMS: Mapping[str, Callable[[], Hash]] = {
    "MD5": lambda: hashlib.md5(usedforsecurity=False),
    "SHA1": lambda: hashlib.sha1(usedforsecurity=False),
    "SHA256": hashlib.sha256,
    "SHA3-256": hashlib.sha3_256,
    "BLAKE3": blake3,
}


def known_algorithm(name: str) -> str | None:
    """The digest algorithm of a name, as OData writes it: ``md5`` and ``SHA-256`` are ``MD5`` and ``SHA256``.

    :returns: ``None`` for one that this delivery point does not compute.
    """
    plain = name.upper().replace("_", "-")
    return next((known for known in _ALGORITHMS if plain in (known, known.replace("SHA", "SHA-", 1))), None)


def algorithm_of(name: str) -> str:
    """As :func:`known_algorithm`, for names that somebody wrote for us.

    :raises ProductRejected: none that this delivery point computes.
    """
    known = known_algorithm(name)
    if known is None:
        raise ProductRejected(f"no digest is called {name!r} here; there are {', '.join(_ALGORITHMS)}")
    return known


def new_hash(algorithm: str) -> Hash:
    """A digest to begin.

    :param algorithm: as :func:`known_algorithm` gives it.
    """
    return _ALGORITHMS[algorithm]()
