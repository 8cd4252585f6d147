"""What the web pages are given: the catalogue, the storages, and the settings that they need as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from prip_core.catalogue import Catalogue
from prip_core.interfaces import Inbox, Storage
from prip_core.principals import Credentials, Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class WebContext:
    """Everything that an answer may depend on.

    :param name: the delivery point's short name, which clients see as the realm of its users.
    :param storages: by the name that product rows give.
    :param inboxes: by name; only their presence is looked at.
    :param authenticate: who shows these credentials; ``None``: nobody.
    :param odata_path: path of the OData service root, without a slash at its end; may be empty.
    :param public_url: what every absolute link begins with, without a slash at its end; ``None``: what the request's
        Host header says.
    :param page_size: products of a page, at the most and without ``$top``.
    :param list_evicted: evicted products are listed, too.
    :param gone_status: 404 or 410, for the download of an evicted product.
    :param cors_origins: origins whose pages may read answers, ``*`` for all.
    :param anonymous: whoever shows no credentials may query, but not download.
    """

    name: str
    catalogue: Catalogue
    storages: Mapping[str, Storage]
    inboxes: Mapping[str, Inbox]
    authenticate: Callable[[Credentials], Principal | None]
    odata_path: str
    public_url: str | None
    page_size: int
    list_evicted: bool
    gone_status: int
    anonymous: bool
    cors_origins: frozenset[str] = frozenset()
