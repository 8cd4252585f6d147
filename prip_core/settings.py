"""The configuration of a delivery point: one frozen model per section of ``prip.toml``, every default in its place."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PlainValidator,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_core.core_schema import ValidationInfo

from prip_core.model import ProductionType
from prip_core.paths import resolve
from prip_core.secret import spelled_out

Algorithm = Literal["MD5", "SHA1", "SHA256", "SHA3-256", "BLAKE3"]
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[a-z0-9._~\[\]:-]+", re.I)
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Section(BaseModel):
    """A section: frozen, unknown keys forbidden."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class OpenSection(BaseModel):
    """A section that also holds the settings of the plugin that it chooses; the plugin's own model checks those."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_default=True)


class InstanceSection(Section):
    """Who this delivery point is."""

    name: str = Field("prip", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="short name, shown to clients and in logs")
    public_url: HttpUrl | None = Field(
        None,
        description="root of every absolute link, e.g. https://prip.example.org; without it the Host header counts",
    )
    missions: tuple[str, ...] = Field(
        min_length=1, description="missions whose products are accepted (see `prip plugins list`)"
    )


_POSTGRES = ("postgresql://", "postgres://")
_AMBIGUOUS = re.compile(r"://[^?]*[@/][^?]*@")
"""A PostgreSQL URL in which a part of the password would be read as the host, and shown as one that is not found."""


def _database_url(url: str, info: ValidationInfo) -> str:
    if url.startswith(_POSTGRES):
        if _AMBIGUOUS.search(url):
            raise ValueError("a sign @ or / in its user or password is written %40 or %2F")
        return url
    scheme, separator, path = url.partition(":///")
    if scheme != "sqlite" or not separator or not path:
        raise ValueError("expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE")
    return f"sqlite:///{resolve(path, info)}"


def without_password(url: str) -> str:
    """A database URL to show, or what was meant to be one: ``***`` for its password."""
    masked = re.sub(r"(?<=://)([^:/?#]*):.*@", r"\1:***@", url)
    return re.sub(r"(passw(?:or)?d\s*=\s*)('[^']*'|[^&\s]*)", r"\1***", masked, flags=re.I)


class DatabaseSection(Section):
    """Where the catalogue lives."""

    url: Annotated[str, BeforeValidator(spelled_out), AfterValidator(_database_url)] = Field(
        "sqlite:///prip.db",
        repr=False,
        description="sqlite:///FILE, relative to the configuration, or postgresql://USER:PASSWORD@HOST/DATABASE; "
        'the whole of it may be kept elsewhere: { env = "NAME" } or { file = "/path" }',
    )

    @field_serializer("url")
    def _shown(self, url: str) -> str:
        return without_password(url)


def _expected(written: object, info: ValidationInfo) -> int | Path | None:
    if isinstance(written, int) and not isinstance(written, bool) and written > 0:
        return written
    if isinstance(written, str | Path) and str(written):
        return resolve(written, info)
    if written is None:
        return None
    raise ValueError("expected the number of its products, 1 or more, or the path of a list of their names")


class CampaignSection(Section):
    """A reprocessing campaign: all products of one inbox belong to it."""

    name: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", description="value of their attribute `campaign`"
    )
    baseline: str | None = Field(
        None, min_length=1, description="processing baseline that they are made with; another one is a warning (QC-21)"
    )
    expected: Annotated[int | Path | None, PlainValidator(_expected)] = Field(
        None, description="how many products will come, or the path of a list of their names, one on each line"
    )
    due: date | None = Field(None, description="the day (UTC) at whose end all of them are to be published")


class InboxSection(OpenSection):
    """Where the production chain delivers. The settings of its kind stand beside these."""

    name: str = Field("inbox", pattern=r"^[A-Za-z0-9._-]{1,64}$", description="its name, if there is more than one")
    kind: str = Field("folder", description="kind of inbox (see `prip plugins list`)")
    storage: str = Field("archive", description="the [storages.NAME] that its products go to")
    priority: int = Field(0, description="nothing is taken from an inbox while one of higher priority has anything")
    take_over: Literal["copy", "link"] = Field(
        "copy", description="copy the bytes, or take the file over by hard link where the storage can"
    )
    production_type: str = Field("systematic_production", description="ProductionType unless the sidecar says another")
    origin_date: Literal["generation", "arrival", "sensing_end"] = Field(
        "generation", description="what OriginDate is taken from when nobody states it"
    )
    retention: float | None = Field(
        None, gt=0, le=365_000, description="days from a product's publication to its EvictionDate; without it never"
    )
    receipts: bool = Field(False, description="tell the chain what became of each product, by a receipt")
    campaign: CampaignSection | None = Field(None, description="reprocessing campaign that its products belong to")

    @field_validator("production_type")
    @classmethod
    def _known(cls, label: str) -> str:
        return ProductionType.of(label).label


class StorageSection(OpenSection):
    """Where bytes are kept. The settings of its back end stand beside this."""

    backend: str = Field("posix", description="kind of storage (see `prip plugins list`)")


OFF = "off"
"""A rule of this severity does not run; a manifest at this level is not looked at."""

ManifestLevel = Literal["off", "sizes", "full"]


class QcSection(Section):
    """How the quality of products is controlled."""

    manifest: ManifestLevel = Field(
        "full",
        description="what of a product's manifest is verified: the digest of each file (full), that each is there with "
        "its size (sizes), or nothing (off)",
    )
    manifest_of_type: dict[str, ManifestLevel] = Field(
        {}, description='the same for single product types, e.g. { MSI_L0__GR = "sizes" }'
    )
    severity: dict[str, Literal["error", "warning", "off"]] = Field(
        {},
        description='severity of single rules, e.g. { QC-18 = "off" }: error, warning or off (`prip plugins rules`)',
    )


class IngestSection(Section):
    """How products are taken in."""

    workers: int = Field(2, ge=1, le=64, description="ingest processes of `prip run`")
    niceness: int = Field(
        5,
        ge=0,
        le=19,
        description="how far ingest processes give way to the server where both want a core; 0: not at all",
    )
    checksums: tuple[Algorithm, ...] = Field(
        ("MD5", "BLAKE3"), description="digests of each delivered file: MD5, SHA1, SHA256, SHA3-256, BLAKE3"
    )
    lease: Seconds = Field(60.0, description="seconds after which another worker may resume what a dead one held")
    grace: Annotated[float, Field(ge=0, le=86_400)] = Field(
        600.0, description="seconds that a product in work may go on after SIGTERM; then another worker takes it up"
    )
    parent_wait: Annotated[float, Field(ge=0, le=86_400)] = Field(
        3600.0,
        description="seconds that a quality report waits for the product that it is about, at the most; 0: never",
    )
    rescan: Seconds = Field(2.0, description="seconds between two looks into an inbox when nothing wakes it earlier")
    min_free: int = Field(
        1024, ge=0, description="MiB to be free for a storage and a quarantine; with less, nothing more is claimed"
    )
    max_quarantine: int = Field(
        10_000, ge=0, description="products in a quarantine; with so many, nothing more is claimed; 0: any number"
    )
    max_stuck: int = Field(
        500,
        ge=0,
        description="claimed products of an inbox that wait for another attempt; with so many, nothing more is "
        "claimed; 0: any number",
    )
    qc: QcSection = Field(QcSection(), description="quality control")

    @field_validator("checksums")
    @classmethod
    def _with_md5(cls, checksums: tuple[str, ...]) -> tuple[str, ...]:
        if "MD5" not in checksums:
            raise ValueError("MD5 must be among them (PRIP ICD)")
        if len(set(checksums)) < len(checksums):
            raise ValueError("each digest once")
        return checksums


class KpiLimit(Section):
    """Within what time products are to be published, counted from the end of sensing."""

    mission: str = Field(description="the mission")
    product_types: tuple[str, ...] = Field(min_length=1, description="its types, by patterns: * ? [AB]")
    timeliness: str = Field(description="class of timeliness that the limit belongs to")
    within: float = Field(gt=0, le=24 * 366, description="hours from the end of sensing to publication")
    share: float = Field(gt=0, le=100, description="per cent of the products that are to be within them")


_RADAR = ("*_RAW__0?", "*_SLC__1?", "*_GRD?_1?", "*_OCN__2?", "*_ETA__AX")
_IMAGES = ("MSI_*", "S2MSI*", "AUX_SADATA")
_OCEAN_AND_LAND = ("OL_*", "SL_*")
_LIMITS = (
    ("sentinel1", _RADAR, "NRT", 3.0, 95.0),
    ("sentinel1", _RADAR, "NTC", 8.0, 80.0),
    ("sentinel1", _RADAR, "NTC", 24.0, 95.0),
    ("sentinel2", _IMAGES, "NOMINAL", 12.0, 80.0),
    ("sentinel2", _IMAGES, "NOMINAL", 24.0, 95.0),
    ("sentinel3", (*_OCEAN_AND_LAND, "SR_*"), "NR", 3.0, 95.0),
    ("sentinel3", ("SR_*", "SY_*"), "ST", 48.0, 95.0),
    ("sentinel3", _OCEAN_AND_LAND, "NT", 48.0, 80.0),
    ("sentinel3", ("*",), "NT", 720.0, 95.0),
    ("sentinel5p", ("L1B_*", "L2_*"), "NRTI", 3.0, 95.0),
    ("sentinel5p", ("L1B_*",), "NTC", 18.0, 80.0),
    ("sentinel5p", ("L2_*",), "NTC", 72.0, 70.0),
)
"""What the Copernicus coordination service measures delivery points by."""


class KpiSection(Section):
    """What the delivery point is measured by, and what is therefore taken in first."""

    limit: tuple[KpiLimit, ...] = Field(
        tuple(
            KpiLimit(mission=mission, product_types=types, timeliness=timeliness, within=within, share=share)
            for mission, types, timeliness, within, share in _LIMITS
        ),
        description="limits of timeliness; writing one down replaces all of the defaults",
    )


class ServeSection(Section):
    """How clients are served."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=1, le=65_535, description="port to listen on")
    processes: int = Field(2, ge=1, le=64, description="server processes")
    threads: int = Field(256, ge=1, le=4096, description="threads of each: as many slow downloads leave the API unhurt")
    odata_path: str = Field(
        "/odata/v1", pattern=r"^(/[A-Za-z0-9._~-]+)*$", description="path of the OData service root; may be empty"
    )
    page_size: int = Field(1000, ge=1, le=10_000, description="products of a page, at the most and without $top")
    answer_within: Seconds = Field(
        30.0, description="seconds that the database may take for a question of a client's; then it is refused"
    )
    list_evicted: bool = Field(False, description="list evicted products among Products, too")
    gone_status: Literal[404, 410] = Field(404, description="status of a download whose product was evicted")
    cors_origins: tuple[str, ...] = Field(
        (), description="origins of web pages that may read answers, e.g. https://gui.example.org; * for all"
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [origin for origin in origins if origin != "*" and not _ORIGIN.fullmatch(origin)]
        if wrong:
            said = ", ".join(map(repr, wrong))
            raise ValueError(f"no origin: {said}; write https://HOST or https://HOST:PORT, without a path, or *")
        return tuple(origin.lower() for origin in origins)


class AuthSection(Section):
    """Who is let in."""

    anonymous: bool = Field(False, description="anyone may query; downloads still need a user")


class LogSection(Section):
    """What is logged, on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="the least that is logged")
    format: Literal["text", "json"] = Field("text", description="text for eyes, json for machines")


class PluginsSection(OpenSection):
    """Which plugins are loaded. ``[plugins.NAME]`` holds the settings of the mission or listener of that name."""

    local: tuple[str, ...] = Field((), description="plugin files to load beside the installed ones")
    disabled: tuple[str, ...] = Field((), description="installed plugins not to load")


class Settings(Section):
    """The whole configuration."""

    instance: InstanceSection
    database: DatabaseSection
    inbox: tuple[InboxSection, ...] = Field(min_length=1)
    storages: dict[str, StorageSection] = Field(min_length=1)
    ingest: IngestSection = IngestSection()
    kpi: KpiSection = KpiSection()
    serve: ServeSection = ServeSection()
    auth: AuthSection = AuthSection()
    plugins: PluginsSection = PluginsSection()
    log: LogSection = LogSection()

    @model_validator(mode="before")
    @classmethod
    def _with_a_database(cls, data: Any) -> Any:
        return {"database": {}, **data} if isinstance(data, dict) else data
