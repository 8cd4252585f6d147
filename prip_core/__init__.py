"""The delivery point for Copernicus Sentinel products: all that a plugin may use stands here, and nothing else does."""

from prip_core.content_disposition import disposition
from prip_core.durable import make_folders, sync_folder, write_durable
from prip_core.errors import (
    AlreadyClaimed,
    ConfigError,
    ObjectMissing,
    PermanentError,
    PripError,
    ProductRejected,
    TransientError,
)
from prip_core.footprint import footprint_of_line, footprint_of_ring, footprint_wkt
from prip_core.hookspecs import hookimpl
from prip_core.ingest.package import open_product
from prip_core.interfaces import Inbox, Listener, MissionAdapter, PluginSettings, ProductFiles, QcRule, Storage
from prip_core.model import (
    SIDECAR_LIMIT,
    SIDECAR_SUFFIX,
    Attribute,
    AttributeValue,
    Candidate,
    Claimed,
    Fate,
    Finding,
    Footprint,
    InspectedProduct,
    Kin,
    ListedMember,
    MemberDigest,
    Position,
    ProductIdentity,
    ProductionType,
    ProductMetadata,
    ProductRejectedEvent,
    ProductType,
    QuarantineRoom,
    Receipt,
    Rejection,
    Severity,
    Stage,
    StoredObject,
    TimeRange,
)
from prip_core.object_keys import check_key, is_key_segment
from prip_core.paths import InstancePath
from prip_core.principals import Credentials, Principal, Role
from prip_core.product_rules import (
    footprint_present,
    made_after_sensing,
    not_in_the_future,
    period_in_order,
    sensed_after_launch,
    unlisted_files,
)
from prip_core.reasons import read_reason, unexplained, write_reason
from prip_core.receipts import receipt_document
from prip_core.rejections import event_document, read_rejection, rejection_document
from prip_core.rules import qc_rule, refusal
from prip_core.secret import Secret
from prip_core.seekable import SeekableReader
from prip_core.times import NEVER, format_utc, parse_utc
from prip_core.xfdu import listed_members
from prip_core.xml import parse_xml, read_xml, xml_text

__all__ = [
    "NEVER",
    "SIDECAR_LIMIT",
    "SIDECAR_SUFFIX",
    "AlreadyClaimed",
    "Attribute",
    "AttributeValue",
    "Candidate",
    "Claimed",
    "ConfigError",
    "Credentials",
    "Fate",
    "Finding",
    "Footprint",
    "Inbox",
    "InspectedProduct",
    "InstancePath",
    "Kin",
    "ListedMember",
    "Listener",
    "MemberDigest",
    "MissionAdapter",
    "ObjectMissing",
    "PermanentError",
    "PluginSettings",
    "Position",
    "Principal",
    "PripError",
    "ProductFiles",
    "ProductIdentity",
    "ProductMetadata",
    "ProductRejected",
    "ProductRejectedEvent",
    "ProductType",
    "ProductionType",
    "QcRule",
    "QuarantineRoom",
    "Receipt",
    "Rejection",
    "Role",
    "Secret",
    "SeekableReader",
    "Severity",
    "Stage",
    "Storage",
    "StoredObject",
    "TimeRange",
    "TransientError",
    "check_key",
    "disposition",
    "event_document",
    "footprint_of_line",
    "footprint_of_ring",
    "footprint_present",
    "footprint_wkt",
    "format_utc",
    "hookimpl",
    "is_key_segment",
    "listed_members",
    "made_after_sensing",
    "make_folders",
    "not_in_the_future",
    "open_product",
    "parse_utc",
    "parse_xml",
    "period_in_order",
    "qc_rule",
    "read_reason",
    "read_rejection",
    "read_xml",
    "receipt_document",
    "refusal",
    "rejection_document",
    "sensed_after_launch",
    "sync_folder",
    "unexplained",
    "unlisted_files",
    "write_durable",
    "write_reason",
    "xml_text",
]
