"""Every hook of the delivery point: what a plugin may implement, when it is called, what it answers.

A plugin is a module (named in an entry point of group ``prip``, or a file in ``[plugins] local``) with functions
marked ``@hookimpl``::

    from prip_core import MissionAdapter, hookimpl


    @hookimpl
    def prip_register_missions():
        return [MyMission]

What the core does with an exception out of a plugin, the same everywhere:

- ``ProductRejected``: quarantine with a readable reason, no retry.
- ``TransientError``: retried with growing, jittered pauses; the work stays due.
- ``PermanentError``: put aside, visible to the operator, who may retry.
- ``ObjectMissing`` (storages): 404 for a client, an alarm for the operator.
- ``ConfigError`` from ``__init__``: the start is refused (exit code 2), section and plugin named.
- anything else is a bug: logged with its traceback and the plugin's name and version, treated as transient three
  times, then quarantine. In ``recognise`` it counts as "no claim" when exactly one other mission claims.
- an import that fails at load refuses the start; ``[plugins] disabled = ["name"]`` is the deliberate way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from prip_core.interfaces import Inbox, Listener, MissionAdapter, QcRule, Storage
    from prip_core.model import ProductRejectedEvent, ProductType
    from prip_core.principals import Credentials, Principal

PROJECT_NAME = "prip"
hookspec = pluggy.HookspecMarker(PROJECT_NAME)
hookimpl = pluggy.HookimplMarker(PROJECT_NAME)


@hookspec
def prip_register_missions() -> Sequence[type[MissionAdapter]]:
    """Missions that this plugin adds. Called once at start.

    ``[instance] missions`` chooses among them by ``NAME``. Every chosen mission is asked about every candidate, and
    exactly one must claim it.
    """
    return ()


@hookspec
def prip_register_storages() -> Sequence[type[Storage]]:
    """Storages that this plugin adds. Called once at start; ``[storages.X] backend = "NAME"`` chooses one."""
    return ()


@hookspec
def prip_register_inboxes() -> Sequence[type[Inbox]]:
    """Kinds of inbox that this plugin adds. Called once at start; ``[[inbox]] kind = "NAME"`` chooses one."""
    return ()


@hookspec
def prip_register_listeners() -> Sequence[type[Listener]]:
    """Listeners that this plugin adds. Called once at start; ``[plugins.NAME]`` has the settings of one at work."""
    return ()


@hookspec
def prip_qc_rules(product_type: ProductType) -> Sequence[QcRule]:
    """Quality rules for a product type, also for another mission's. Called once for each type; all answers count."""
    return ()


@hookspec(firstresult=True)
def prip_authenticate(credentials: Credentials) -> Principal | None:
    """Tell who shows these credentials, or ``None`` when they are not yours or not right.

    Called for each request, so keep for a while what is costly to find out; the first answer counts. The local users
    come last.
    """
    return None


@hookspec
def prip_product_rejected(event: ProductRejectedEvent) -> None:
    """A product was refused. Told by ``prip dispatch`` after the verdict is durable, at least once.

    Each plugin that listens is told for itself, one event after the other, and may take its time: it holds up nobody
    else. An event that could not be told is told again, perhaps after later ones.
    """
