"""The composition root: the one place where settings, plugins, catalogue, storages and clock are put together."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, TypeVar

from prip_core import configuration
from prip_core.catalogue import Catalogue, database_file, open_catalogue, require_driver
from prip_core.clock import Clock, SystemClock
from prip_core.configuration import RawConfiguration
from prip_core.errors import ConfigError
from prip_core.ingest.context import ConfiguredInbox
from prip_core.ingest.known_rules import KnownRule, known_rules, unknown_in
from prip_core.interfaces import Inbox, Listener, MissionAdapter, Plugin, QcRule, Storage
from prip_core.model import ProductType
from prip_core.plugins import Plugins, load_plugins
from prip_core.settings import (
    DatabaseSection,
    InboxSection,
    IngestSection,
    InstanceSection,
    OpenSection,
    PluginsSection,
    Settings,
    StorageSection,
)

_Made = TypeVar("_Made", bound=Plugin)
_Result = TypeVar("_Result")
_SHARED = (".quarantine", ".receipts_folder")  # what lies there is told apart: inboxes may share one


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
    listeners: Mapping[str, Listener]
    rules_for: Callable[[ProductType], Sequence[QcRule]] = field(repr=False)

    @property
    def known_rules(self) -> Sequence[KnownRule]:
        """All checks on products of the missions that are served here."""
        return known_rules(self.plugins, _types(self.missions))

    @property
    def folder(self) -> Path:
        """The instance's folder: where its configuration lies."""
        return self.raw.path.parent

    def open_catalogue(self, *, answer_within: float | None = None) -> Catalogue:
        """The catalogue of this delivery point, ready for use.

        :param answer_within: seconds that the database may take for a question; ``None``: any time.
        :raises SchemaMismatch: ``prip db upgrade`` has not been run.
        """
        return open_catalogue(self.settings.database.url, self.clock, answer_within=answer_within)


def load(config: Path | None = None, *, clock: Clock | None = None) -> Runtime:
    """Put a delivery point together from its configuration.

    :param config: as ``--config``; ``None`` looks in the usual places.
    :raises ConfigError: everything that is wrong, at once.
    """
    raw = configuration.read(configuration.locate(config))
    problems = _Problems()
    settings = problems.of(lambda: configuration.check(raw))
    plugins = problems.of(lambda: _plugins(raw))
    if plugins is None:
        raise ConfigError(*problems)
    builder = _Builder(raw, problems)
    builder.check_tables(plugins)
    missions = builder.missions(plugins.missions())
    storages = builder.section("storages", StorageSection, "backend", plugins.storages())
    inboxes = builder.section("inbox", InboxSection, "kind", plugins.inboxes())
    listeners = builder.listeners(plugins.listeners())
    for listener in listeners.values():
        problems.of(lambda listener=listener: plugins.put_to_work(listener))  # type: ignore[misc]
    database = configuration.part(DatabaseSection, raw.values.get("database", {}), raw)
    if database is not None:
        problems.of(lambda: require_driver(database.url))
    problems += _overlaps({**builder.folders, **_database_file(database)})
    problems += _without_receipts(plugins.inboxes(), raw)
    problems += _unknown_checks(raw, plugins, missions)
    if problems or settings is None:
        raise ConfigError(*problems)
    return Runtime(
        raw=raw,
        settings=settings,
        plugins=plugins,
        clock=clock or SystemClock(),
        missions=missions,
        storages=dict(zip(settings.storages, storages, strict=True)),
        inboxes=[
            ConfiguredInbox(section=section, inbox=inbox)
            for section, inbox in zip(settings.inbox, inboxes, strict=True)
        ],
        listeners=listeners,
        rules_for=lru_cache(maxsize=None)(lambda product_type: tuple(plugins.qc_rules(product_type))),
    )


def _types(missions: Mapping[str, MissionAdapter]) -> Sequence[ProductType]:
    return [product_type for mission in missions.values() for product_type in mission.product_types()]


def _plugins(raw: RawConfiguration) -> Plugins:
    section = configuration.part(PluginsSection, raw.values.get("plugins", {}), raw) or PluginsSection()
    return load_plugins([raw.path.parent / path for path in section.local], section.disabled)


class _Problems(list[str]):
    """Collects what is wrong, so that all of it can be said at once."""

    def of(self, attempt: Callable[[], _Result]) -> _Result | None:
        try:
            return attempt()
        except ConfigError as error:
            self.extend(error.problems)
            return None


class _Builder:
    """Builds the plugin objects that a configuration names."""

    def __init__(self, raw: RawConfiguration, problems: _Problems) -> None:
        self._raw = raw
        self._problems = problems
        self.folders: dict[str, PurePath] = {}
        self._tables = {where.removeprefix("plugins."): table for where, table in raw.tables("plugins")}

    def section(
        self, name: str, model: type[OpenSection], chooser: str, classes: Mapping[str, type[_Made]]
    ) -> Sequence[_Made]:
        """One object for each table of a section; ``chooser`` is the key that names its class."""
        made = []
        for where, table in self._raw.tables(name):
            chosen = table.get(chooser, model.model_fields[chooser].default)
            own = {key: value for key, value in table.items() if key not in model.model_fields}
            if not isinstance(chosen, str):
                continue  # said among the core's problems
            if chosen in classes:
                made.append(self._make(classes[chosen], own, where))
                self._note_folders(made[-1], where)
            else:
                self._problems.append(f"{where}.{chooser}: {_choice(chosen, classes)}")
        return [each for each in made if each is not None]

    def check_tables(self, plugins: Plugins) -> None:
        """Every ``[plugins.NAME]`` is for one mission or one listener."""
        missions, listeners = plugins.missions(), plugins.listeners()
        for name in self._tables:
            if name not in {*missions, *listeners}:
                self._problems.append(f"plugins.{name}: {_choice(name, {**missions, **listeners})}")
            elif name in missions and name in listeners:
                self._problems.append(f"plugins.{name}: a mission and a listener have this name; disable one of them")

    def listeners(self, classes: Mapping[str, type[Listener]]) -> Mapping[str, Listener]:
        """Those that have a ``[plugins.NAME]``, by name."""
        made = {
            name: self._make(classes[name], table, f"plugins.{name}")
            for name, table in self._tables.items()
            if name in classes
        }
        for name, listener in made.items():
            self._note_folders(listener, f"plugins.{name}")
        return {name: listener for name, listener in made.items() if listener is not None}

    def missions(self, classes: Mapping[str, type[MissionAdapter]]) -> Mapping[str, MissionAdapter]:
        """The chosen mission adapters by name, with the settings of ``[plugins.NAME]``."""
        instance = self._raw.values.get("instance")
        written = instance.get("missions") if isinstance(instance, Mapping) else None
        chosen = [name for name in (written if isinstance(written, list) else ()) if isinstance(name, str)]
        self._problems += [f"instance.missions: {_choice(name, classes)}" for name in chosen if name not in classes]
        made = {
            name: self._make(classes[name], self._tables.get(name, {}), f"plugins.{name}")
            for name in chosen
            if name in classes
        }
        return {name: mission for name, mission in made.items() if mission is not None}

    def _note_folders(self, plugin: Plugin | None, where: str) -> None:
        if plugin is not None:
            self.folders |= {f"{where}.{key}": path for key, path in plugin.places().items()}

    def _make(self, cls: type[_Made], own: Mapping[str, Any], where: str) -> _Made | None:
        def make() -> _Made:
            settings = configuration.check_own(cls.Settings, own, where, self._raw)
            try:
                return cls(settings)
            except ConfigError as error:
                raise ConfigError(*(f"{where} ({cls.NAME}): {problem}" for problem in error.problems)) from error

        return self._problems.of(make)


def _without_receipts(classes: Mapping[str, type[Inbox]], raw: RawConfiguration) -> Iterator[str]:
    for where, table in raw.tables("inbox"):
        kind = str(table.get("kind", InboxSection.model_fields["kind"].default))
        if table.get("receipts") and kind in classes and classes[kind].tell is Inbox.tell:
            yield f"{where}.receipts: an inbox of kind {kind} writes no receipts"


def _unknown_checks(raw: RawConfiguration, plugins: Plugins, missions: Mapping[str, MissionAdapter]) -> Iterator[str]:
    """What ``[ingest.qc]`` names and nobody knows; a mission that could not be made may bring it."""
    instance = configuration.part(InstanceSection, raw.values.get("instance"), raw)
    ingest = configuration.part(IngestSection, raw.values.get("ingest", {}), raw)
    if instance is not None and ingest is not None and missions.keys() == set(instance.missions):
        yield from unknown_in(ingest.qc, plugins, _types(missions))


def _overlaps(folders: Mapping[str, PurePath]) -> Iterator[str]:
    """An inbox would take what lies in it, a whole archive even, for deliveries, unless a dot hides it."""
    real = {where: _without_links(path) for where, path in folders.items()}
    for (one, outer), (other, inner) in itertools.permutations(real.items(), 2):
        may_share = any(one.endswith(kind) and other.endswith(kind) for kind in _SHARED)
        if outer == inner and one < other and not may_share:
            yield f"{other}: {inner} is the place of {one}, too; give each its own"
        elif outer != inner and inner.is_relative_to(outer) and not _hidden(inner.relative_to(outer)):
            yield f"{other}: {inner} lies in the folder of {one}; put them beside each other"


def _database_file(section: DatabaseSection | None) -> Mapping[str, PurePath]:
    """Where the catalogue lies; nothing where that is a server, or not known."""
    file = None if section is None else database_file(section.url)
    return {} if file is None else {"database.url": file}


def _without_links(path: PurePath) -> PurePath:
    """Where a path on this machine leads to: two names may be one folder."""
    return Path(os.path.realpath(path)) if isinstance(path, Path) else path


def _hidden(path: PurePath) -> bool:
    return path.parts[0].startswith(".")


def _choice(name: object, classes: Mapping[str, object]) -> str:
    return f"there is no {name!r}; there are {', '.join(classes) or 'none'}"
