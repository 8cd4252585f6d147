"""What all measurements share: the scale, a folder, delivery points with products in them, a server to compare with."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.odata.databases import Databases, NotMeasured
from benchmarks.odata.stores import Stores
from benchmarks.serving import module_serving
from prip_core.testing import ceph
from prip_core.testing.ceph import CephServer, S3Endpoint
from prip_core.testing.delivery_point import DeliveryPoint

MISSIONS = ("sentinel1", "sentinel2")
SETTINGS = {
    "PRIP__LOG__LEVEL": "error",
    "PRIP__SERVE__THREADS": "32",
    # The goals of ingest compare the same digests of whole files; those of all members would come on top.
    "PRIP__INGEST__QC__MANIFEST": "sizes",
    "PRIP__INGEST__PARENT_WAIT": "0",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much of everything.

    :param rows: products in the catalogue that is queried.
    :param few: products in the one that it is compared with, to see what growth costs.
    :param requests: of each kind in a round.
    :param large: bytes of a large product.
    :param small: number of small products in a round.
    :param reports: number of quality reports in a round.
    :param backlog: number of products of an average size, beside their reports, in a round.
    """

    rows: int
    few: int
    rounds: int
    requests: int
    large: int
    small: int
    reports: int
    backlog: int


SCALES = {
    "small": Scale(rows=20_000, few=2_000, rounds=3, requests=300, large=512 << 20, small=240, reports=300, backlog=18),
    "100k": Scale(
        rows=100_000, few=10_000, rounds=3, requests=300, large=512 << 20, small=240, reports=300, backlog=18
    ),
    "1m": Scale(
        rows=1_000_000, few=100_000, rounds=5, requests=300, large=512 << 20, small=240, reports=300, backlog=18
    ),
    "full": Scale(
        rows=5_000_000, few=500_000, rounds=5, requests=1000, large=512 << 20, small=480, reports=3000, backlog=60
    ),
    # Of use for P8 and P9 on PostgreSQL alone.
    "20m": Scale(
        rows=20_000_000, few=1_000_000, rounds=5, requests=300, large=512 << 20, small=240, reports=300, backlog=18
    ),
}


class Bench:
    """The surroundings of all measurements; what one has built, the next uses again.

    :param folder: on the file system that is to be measured.
    :param kept: where catalogues are kept for the next run.
    """

    def __init__(self, folder: Path, kept: Path, scale: Scale, stack: ExitStack) -> None:
        self.folder = folder
        self.scale = scale
        self._stack = stack
        self._reference: int | None = None
        self._s3: S3Endpoint | None = None
        self.template = DeliveryPoint.make(folder / "template", MISSIONS, SETTINGS)
        self.databases = Databases(kept, stack)
        self.stores = Stores(kept, self.template, self.databases, stack)
        self.files = folder / "files"
        self.files.mkdir()

    def reference(self) -> int:
        """The port of a bare Flask application on the same kind of server, which sends what lies in ``files``."""
        if self._reference is None:
            serving = module_serving("benchmarks.reference", "/hello", str(self.files))
            self._reference = self._stack.enter_context(serving)
        return self._reference

    def s3(self) -> S3Endpoint:
        """An S3 server that keeps its objects in memory.

        :raises NotMeasured: it cannot run here.
        """
        if (reason := ceph.missing()) is not None:
            raise NotMeasured(reason)
        if self._s3 is None:
            self._s3 = self._stack.enter_context(CephServer()).endpoint
        return self._s3
