"""Quality rules that missions share; each mission picks those that fit its product types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase

from prip_core.interfaces import QcRule
from prip_core.model import InspectedProduct, Severity
from prip_core.rules import qc_rule
from prip_core.times import format_utc


@qc_rule("QC-12")
def period_in_order(product: InspectedProduct) -> Iterator[str]:
    """The period of a product (ContentDate) does not end before it begins."""
    period = product.metadata.content
    if period.end < period.start:
        yield f"it ends at {format_utc(period.end)}, before it begins at {format_utc(period.start)}"


@qc_rule("QC-12", severity=Severity.WARNING)
def made_after_sensing(product: InspectedProduct) -> Iterator[str]:
    """What was sensed is processed after sensing has ended."""
    made, end = product.metadata.generated, product.metadata.content.end
    if made is not None and made < end:
        yield f"processing began at {format_utc(made)}, before sensing ended at {format_utc(end)}"


@qc_rule("QC-12")
def not_in_the_future(product: InspectedProduct) -> Iterator[str]:
    """Nothing was sensed later than now."""
    end = product.metadata.content.end
    if end > product.now:
        yield f"it ends at {format_utc(end)}, which is later than now, {format_utc(product.now)}"


@qc_rule("QC-13")
def footprint_present(product: InspectedProduct) -> Iterator[str]:
    """An image has a footprint."""
    if product.metadata.footprint is None:
        yield f"the metadata give no footprint, which is mandatory for {product.identity.product_type.code}"


def sensed_after_launch(launches: Mapping[str, datetime]) -> QcRule:
    """The rule (QC-12) that nothing was sensed before its satellite flew.

    :param launches: platform, as in ``ProductIdentity.platform`` → day of its launch, UTC; other platforms pass.
    """

    @qc_rule("QC-12")
    def rule(product: InspectedProduct) -> Iterator[str]:
        """Nothing was sensed before its satellite was launched."""
        platform, start = product.identity.platform, product.metadata.content.start
        launch = launches.get(platform)
        if launch is not None and start < launch:
            yield f"it begins at {format_utc(start)}, before the launch of {platform} on {launch:%Y-%m-%d}"

    return rule


def unlisted_files(*allowed: str) -> QcRule:
    """The rule (QC-09) that a product holds no files but those that its manifest lists.

    It has nothing to say of a product without a manifest, or where manifests are not verified.

    :param allowed: patterns of paths below the top folder that manifests do not list: ``rep_info/*``.
    """

    @qc_rule("QC-09", severity=Severity.WARNING)
    def rule(product: InspectedProduct) -> Iterator[str]:
        """A product holds no files but those that its manifest lists, and those that manifests never list."""
        listed = product.metadata.manifest
        for name in product.files.names() if listed else ():
            if name not in listed and not any(fnmatchcase(name.partition("/")[2], pattern) for pattern in allowed):
                yield f"{name} stands in no line of the manifest"

    return rule
