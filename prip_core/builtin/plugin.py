"""What the core itself registers, through the same hooks as everyone else."""

from __future__ import annotations

from collections.abc import Sequence

from prip_core import Inbox, Listener, ProductType, QcRule, hookimpl
from prip_core.builtin.folder_inbox import FolderInbox
from prip_core.builtin.journal import RejectionJournal
from prip_core.builtin.quality import QC_RULES


@hookimpl
def prip_register_inboxes() -> Sequence[type[Inbox]]:
    return [FolderInbox]


@hookimpl
def prip_register_listeners() -> Sequence[type[Listener]]:
    return [RejectionJournal]


@hookimpl
def prip_qc_rules(product_type: ProductType) -> Sequence[QcRule]:  # noqa: ARG001 - they hold for every type
    return QC_RULES
