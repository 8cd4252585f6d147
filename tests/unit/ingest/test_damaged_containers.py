"""Containers damaged at random: read to their end with every member whole, or refused; nothing else goes wrong."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from prip_core.errors import ProductRejected
from prip_core.ingest.digests import DigestReader
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.package import damage_refused, open_product
from prip_core.ingest.walks import walk_over
from prip_core.testing.packages import write_gzipped_tar, write_tar, write_zip

ROUNDS = 1000
NOISE = random.Random(11).randbytes(3000)
MEMBERS = {"TOP/a": NOISE + bytes(50_000), "TOP/b": NOISE, "TOP/empty": b"", "TOP/ü": b"x"}


def write_deflated(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in members.items():
            container.writestr(name, content)


WRITERS: dict[str, Callable[[Path, dict[str, bytes]], None]] = {
    "tar": write_tar,
    "gzipped tar": write_gzipped_tar,
    "stored zip": write_zip,
    "deflated zip": write_deflated,
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A container with some bytes changed, lost or added, or cut off."""
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if not spoilt:
            break
        # A zip's table of contents stands at its end, a tar's and gzip's first header at its beginning.
        at = chance.choice(
            (chance.randrange(len(spoilt)), chance.randrange(512), len(spoilt) - chance.randrange(1, 330))
        )
        at = max(0, min(at, len(spoilt) - 1))
        match chance.choice(("change", "change", "change", "lose", "add", "cut")):
            case "change":
                spoilt[at] = chance.choice((0, 255, spoilt[at] ^ (1 << chance.randrange(8))))
            case "lose":
                del spoilt[at : at + chance.randrange(1, 40)]
            case "add":
                spoilt[at:at] = chance.randbytes(chance.randrange(1, 40))
            case _:
                del spoilt[max(at, 1) :]
    return bytes(spoilt)


@pytest.mark.parametrize("form", WRITERS)
def test_damage_is_refused_or_borne(form: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / "good", MEMBERS)
    good, chance = (tmp_path / "good").read_bytes(), random.Random(form)
    rules: list[str] = []
    for number in range(ROUNDS):
        path = tmp_path / f"{number}"
        path.write_bytes(damaged(good, chance))
        try:
            members = read_whole(path)
        except ProductRejected as refusal:
            rules += [finding.rule for finding in refusal.findings]
        else:
            assert all(seen == stated for seen, stated in members), number
        path.unlink()
    assert len(rules) > ROUNDS / 3
    assert set(rules) <= {"QC-03", "QC-04", "QC-05"}


def read_whole(path: Path) -> list[tuple[int, int]]:
    """Read a product as ingest does, and each member in place. Returns for each how large it is by both."""
    size = path.stat().st_size
    with damage_refused(path.name), open_product(path) as files:
        walk = walk_over(files, MemberDigests({}, size=size))
        with DigestReader(path, walk, size=size, algorithms=(), go_on=lambda: None) as reader:
            seen = reader.finish().members
        return [(seen[name].size, len(files.read(name, 1_000_000))) for name in files.names()]
