"""Digests of a product's members, one member after the other, as their bytes go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from prip_core.ingest.algorithms import Hash, known_algorithm, new_hash
from prip_core.ingest.lanes import Lane
from prip_core.model import ListedMember, MemberDigest


@dataclass(slots=True)
class _Member:
    """A member whose bytes go by. Its digest is let go of when it ends."""

    stated: Hash | None
    size: int = 0


@dataclass(slots=True)
class _Ended:
    size: int
    stated: str | None = None


class MemberDigests:
    """The digest of each member that the manifest states one for, on a lane of its own.

    :param listed: what the manifest says, by the member's name.
    :param size: bytes of the delivered file; a small one needs no thread.
    """

    def __init__(self, listed: Mapping[str, ListedMember], *, size: int) -> None:
        self._listed = listed
        self._lane = Lane(size, "members")
        self._current: _Member | None = None
        self._ended: dict[str, _Ended] = {}

    def update(self, name: str, data: bytes | memoryview) -> None:
        """The next bytes of a member; the first ones begin it. They must not change any more."""
        member = self._begun(name)
        member.size += len(data)
        if member.stated is not None:
            self._lane.do(member.stated.update, data)

    def end(self, name: str) -> int:
        """All bytes of a member have gone by. Returns how many they were."""
        member = self._begun(name)
        ended = self._ended[name] = _Ended(member.size)
        if member.stated is not None:
            self._lane.do(partial(_write_down, ended, member.stated), b"")
        self._current = None
        return ended.size

    def finish(self) -> Mapping[str, MemberDigest]:
        """The digests of all members that have ended."""
        self._lane.finish()
        return {name: MemberDigest(size=ended.size, stated=ended.stated) for name, ended in self._ended.items()}

    def close(self) -> None:
        """End the lane's thread. Repeating it is fine."""
        self._lane.close()

    def _begun(self, name: str) -> _Member:
        if self._current is None:
            listed = self._listed.get(name)
            algorithm = known_algorithm(listed.algorithm) if listed and listed.algorithm else None
            self._current = _Member(new_hash(algorithm) if algorithm else None)
        return self._current


def _write_down(ended: _Ended, stated: Hash, _: bytes | memoryview) -> None:
    ended.stated = stated.hexdigest()
