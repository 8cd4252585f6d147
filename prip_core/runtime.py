"""The composition root: the one place where settings, plugins, catalogue, storages and clock are put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from prip_core import configuration
from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.clock import Clock, SystemClock
from prip_core.configuration import RawConfiguration
from prip_core.errors import ConfigError
from prip_core.interfaces import Inbox, MissionAdapter, Plugin, QcRule, Storage
from prip_core.model import ProductType
from prip_core.plugins import Plugins, load_plugins
from prip_core.settings import InboxSection, Settings

_Made = TypeVar("_Made", bound=Plugin)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredInbox:
    """An inbox and its section of the configuration."""

    section: InboxSection
    inbox: Inbox


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """A delivery point, put together: what every component and every verb is given."""

    raw: RawConfiguration
    settings: Settings
    plugins: Plugins
    clock: Clock
    missions: Mapping[str, MissionAdapter]
    storages: Mapping[str, Storage]
    inboxes: Sequence[ConfiguredInbox]
    rules_for: Callable[[ProductType], Sequence[QcRule]] = field(repr=False)

    @property
    def folder(self) -> Path:
        """The instance's folder: where its configuration lies."""
        return self.raw.path.parent

    def open_catalogue(self) -> Catalogue:
        """The catalogue of this delivery point, ready for use.

        :raises SchemaMismatch: ``prip db upgrade`` has not been run.
        """
        return open_catalogue(self.settings.database.url, self.clock)


def load(config: Path | None = None, *, clock: Clock | None = None) -> Runtime:
    """Put a delivery point together from its configuration.

    :param config: as ``--config``; ``None`` looks in the usual places.
    :raises ConfigError: everything that is wrong, at once.
    """
    raw = configuration.read(configuration.locate(config))
    plugins, problems = _plugins(raw)
    try:
        settings = configuration.check(raw)
    except ConfigError as error:
        raise ConfigError(*error.problems, *problems) from error
    if plugins is None:
        raise ConfigError(*problems)
    return _assemble(raw, settings, plugins, clock or SystemClock())


def _plugins(raw: RawConfiguration) -> tuple[Plugins | None, Sequence[str]]:
    section = raw.values.get("plugins", {})
    local = section.get("local", []) if isinstance(section, Mapping) else []
    disabled = section.get("disabled", []) if isinstance(section, Mapping) else []
    try:
        return load_plugins([raw.path.parent / path for path in local], disabled), ()
    except (ConfigError, TypeError) as error:
        return None, error.problems if isinstance(error, ConfigError) else (f"plugins: {error}",)


def _assemble(raw: RawConfiguration, settings: Settings, plugins: Plugins, clock: Clock) -> Runtime:
    builder = _Builder(raw)
    missions = builder.missions(settings, plugins.missions())
    storages = {
        name: builder.make(plugins.storages(), section.backend, section.own(), f"storages.{name}", "backend")
        for name, section in settings.storages.items()
    }
    inboxes = [
        (section, builder.make(plugins.inboxes(), section.kind, section.own(), f"inbox[{index}]", "kind"))
        for index, section in enumerate(settings.inbox)
    ]
    if builder.problems:
        raise ConfigError(*builder.problems)
    return Runtime(
        raw=raw,
        settings=settings,
        plugins=plugins,
        clock=clock,
        missions=missions,
        storages={name: storage for name, storage in storages.items() if storage},
        inboxes=[ConfiguredInbox(section=section, inbox=inbox) for section, inbox in inboxes if inbox],
        rules_for=lru_cache(maxsize=None)(lambda product_type: tuple(plugins.qc_rules(product_type))),
    )


class _Builder:
    """Builds plugin objects and collects what is wrong with their settings."""

    def __init__(self, raw: RawConfiguration) -> None:
        self._raw = raw
        self.problems: list[str] = []

    def make(
        self, classes: Mapping[str, type[_Made]], name: str, own: Mapping[str, Any], where: str, key: str
    ) -> _Made | None:
        cls = classes.get(name)
        if cls is None:
            self.problems.append(f"{where}.{key}: there is no {name!r}; there are {', '.join(classes) or 'none'}")
            return None
        try:
            return cls(configuration.check_own(cls.Settings, own, where, self._raw))
        except ConfigError as error:
            self.problems += error.problems
            return None

    def missions(self, settings: Settings, classes: Mapping[str, type[MissionAdapter]]) -> Mapping[str, MissionAdapter]:
        own = settings.plugins.own()
        self.problems += [f"plugins.{name}: there is no mission {name!r}" for name in own if name not in classes]
        made = {
            name: self.make(classes, name, own.get(name, {}), f"plugins.{name}", "missions")
            for name in settings.instance.missions
            if name in classes
        }
        self.problems += [
            f"instance.missions: there is no mission {name!r}; there are {', '.join(classes)}"
            for name in settings.instance.missions
            if name not in classes
        ]
        return {name: mission for name, mission in made.items() if mission}
