"""The web application of a delivery point: what a server process builds for itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prip_core.builtin.local_users import LocalUsers
from prip_core.catalogue import Catalogue
from prip_core.cli import instance
from prip_core.passwords import verify_password
from prip_core.runtime import Runtime
from prip_core.web.app import create_app
from prip_core.web.context import WebContext

if TYPE_CHECKING:
    from flask import Flask


def build(config: Path | None) -> Flask:
    """The application of this configuration, with connections and keys of its own.

    :raises ConfigError: everything that is wrong with the configuration.
    :raises SchemaMismatch: ``prip db upgrade`` has not been run.
    """
    loaded = instance.load_component(config)
    catalogue = loaded.open_catalogue(answer_within=loaded.settings.serve.answer_within)
    return create_app(web_context(loaded, catalogue))


def web_context(loaded: Runtime, catalogue: Catalogue) -> WebContext:
    """What the web pages may know of a delivery point. The local users become its last source of logins."""
    loaded.plugins.register(
        LocalUsers(catalogue.users.find, verify_password), name="local_users", source="this delivery point's users"
    )
    settings = loaded.settings
    url = settings.instance.public_url
    return WebContext(
        name=settings.instance.name,
        catalogue=catalogue,
        storages=loaded.storages,
        inboxes={configured.section.name: configured.inbox for configured in loaded.inboxes},
        authenticate=loaded.plugins.authenticate,
        odata_path=settings.serve.odata_path,
        public_url=str(url).rstrip("/") if url else None,
        page_size=settings.serve.page_size,
        list_evicted=settings.serve.list_evicted,
        gone_status=settings.serve.gone_status,
        anonymous=settings.auth.anonymous,
        cors_origins=frozenset(settings.serve.cors_origins),
    )
