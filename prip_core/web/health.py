"""Health for whoever runs this: is the process alive, and can it do its work."""

from __future__ import annotations

from collections.abc import Iterator

import marshmallow
from flask_smorest import Blueprint

from prip_core.errors import PripError
from prip_core.interfaces import Inbox, Storage
from prip_core.web.context import WebContext


class LiveSchema(marshmallow.Schema):
    """What ``/health/live`` answers."""

    status = marshmallow.fields.String(required=True, metadata={"description": "always `alive`"})


class ReadySchema(marshmallow.Schema):
    """What ``/health/ready`` answers."""

    status = marshmallow.fields.String(required=True, metadata={"description": "`ready` or `not ready`"})
    reasons = marshmallow.fields.List(
        marshmallow.fields.String(), required=True, metadata={"description": "what is in the way, one sentence each"}
    )


def health_blueprint(context: WebContext) -> Blueprint:
    """``/health/live`` and ``/health/ready``; neither needs credentials."""
    blueprint = Blueprint("health", __name__, url_prefix="/health", description="Is the service alive and ready?")

    def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "alive"}

    def ready() -> tuple[dict[str, object], int]:
        """Tell whether catalogue, publication clock, storages and inboxes are in working order."""
        found = list(reasons(context))
        return {"status": "not ready" if found else "ready", "reasons": found}, 503 if found else 200

    is_alive = blueprint.response(200, LiveSchema, description="The process answers.")
    is_ready = blueprint.response(200, ReadySchema, description="Everything works.")
    is_not_ready = blueprint.alt_response(503, schema=ReadySchema, description="Something is in the way.")
    blueprint.get("/live")(is_alive(live))
    blueprint.get("/ready")(is_ready(is_not_ready(ready)))
    return blueprint


def reasons(context: WebContext) -> Iterator[str]:
    """What keeps the delivery point from doing its work, one sentence each; nothing when all is well."""
    yield from _catalogue(context)
    for name, storage in context.storages.items():
        yield from _storage(name, storage)
    for name, inbox in context.inboxes.items():
        yield from _inbox(name, inbox)


def _catalogue(context: WebContext) -> Iterator[str]:
    try:
        context.catalogue.ping()
        clock = context.catalogue.clock.status()
    except PripError as error:
        yield f"catalogue: {error}"
        return
    if not clock.trusted:
        yield f"publication clock: {clock.reason or 'not trusted'}"


def _storage(name: str, storage: Storage) -> Iterator[str]:
    try:
        storage.stat("health/ready")
    except (PripError, OSError) as error:
        yield f"storage {name}: {error}"


def _inbox(name: str, inbox: Inbox) -> Iterator[str]:
    folder = inbox.watch_path()
    if folder is not None and not folder.is_dir():
        yield f"inbox {name}: the folder {folder} is missing"
