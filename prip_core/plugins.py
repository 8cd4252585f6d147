"""The plugins: found, loaded, checked, and asked through typed methods. Nothing else talks to pluggy."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pluggy
import structlog

from prip_core import hookspecs
from prip_core.errors import ConfigError, PripError
from prip_core.interfaces import Inbox, Listener, MissionAdapter, Plugin, QcRule, Storage
from prip_core.model import ProductRejectedEvent, ProductType
from prip_core.principals import Credentials, Principal

_GROUP = "prip"
_PUT_TO_WORK = "plugins."  # in front of a listener's NAME: where its settings stand
_BUILTIN = "prip_core.builtin.plugin"
_DISTRIBUTION = "prip"
_log = structlog.get_logger(__name__)
_Class = TypeVar("_Class", bound=Plugin)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPlugin:
    """A plugin and where it comes from.

    :param source: the distribution with its version, or the file.
    """

    name: str
    source: str
    hooks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.source})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Who is told of refused products.

    :param name: of the plugin, or a listener's NAME.
    :param tell: raises what the plugin raises.
    """

    name: str
    tell: Callable[[ProductRejectedEvent], None]

    @property
    def channel(self) -> str:
        """The outbox channel of its events."""
        return f"plugin:{self.name}"


class Plugins:
    """All loaded plugins. Made by :func:`load_plugins`."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT_NAME)
        self._manager.add_hookspecs(hookspecs)
        self._sources: dict[str, str] = {}

    def register(self, plugin: object, *, name: str, source: str) -> None:
        """Add a module or an object with hook implementations.

        :raises ConfigError: an implementation asks for arguments that its hook does not give, or the name is taken.
        """
        if name in self._sources:
            raise ConfigError(f"plugins: {source} and {self._sources[name]} both bring a plugin called {name!r}")
        try:
            self._manager.register(plugin, name=name)
        except pluggy.PluginValidationError as error:
            raise ConfigError(f"plugins: {name} ({source}): {error}") from error
        self._sources[name] = source

    def loaded(self) -> Sequence[LoadedPlugin]:
        """Every plugin, in the order of loading."""
        return [self._describe(name) for name in self._sources]

    def missions(self) -> Mapping[str, type[MissionAdapter]]:
        """Mission adapters by NAME.

        :raises ConfigError: two of one NAME, or something that is no adapter.
        """
        return self._classes("prip_register_missions", MissionAdapter)  # type: ignore[type-abstract]

    def storages(self) -> Mapping[str, type[Storage]]:
        """Storages by NAME; errors as :meth:`missions`."""
        return self._classes("prip_register_storages", Storage)  # type: ignore[type-abstract]

    def inboxes(self) -> Mapping[str, type[Inbox]]:
        """Kinds of inbox by NAME; errors as :meth:`missions`."""
        return self._classes("prip_register_inboxes", Inbox)  # type: ignore[type-abstract]

    def listeners(self) -> Mapping[str, type[Listener]]:
        """Listeners that may be put to work, by NAME; errors as :meth:`missions`."""
        return self._classes("prip_register_listeners", Listener)

    def put_to_work(self, listener: Listener) -> None:
        """Let a listener be told of events.

        :raises ConfigError: one of its hooks is misspelt or asks for arguments that there are not, or a plugin of its
            name listens, too.
        """
        name = listener.NAME
        source = f"[plugins.{name}] of {self.provider(type(listener))}"
        if name in {each.name for each in self.listening()}:
            raise ConfigError(f"plugins.{name}: the plugin {name!r} listens itself; give the listener another NAME")
        self.register(listener, name=_PUT_TO_WORK + name, source=source)
        if problems := self.problems():
            raise ConfigError(*problems)

    def listening(self) -> Sequence[Listening]:
        """Everyone who is told of refused products."""
        return [
            Listening(
                name=plugin.name.removeprefix(_PUT_TO_WORK),
                tell=lambda event, call=implementation: call(event=event),  # type: ignore[misc]
            )
            for plugin, implementation in self._each("prip_product_rejected")
        ]

    def qc_rules(self, product_type: ProductType) -> Sequence[QcRule]:
        """All quality rules for a product type, the core's first."""
        return [rule for _, rule in self.rules_of(product_type)]

    def rules_of(self, product_type: ProductType) -> Sequence[tuple[LoadedPlugin, QcRule]]:
        """As :meth:`qc_rules`, each with the plugin that brings it."""
        answers = (
            (plugin, implementation(product_type=product_type))
            for plugin, implementation in self._each("prip_qc_rules")
        )
        return [(plugin, rule) for plugin, rules in answers for rule in rules]

    def authenticate(self, credentials: Credentials) -> Principal | None:
        """Who shows these credentials; the first plugin that knows them answers, a failing one is logged and passed."""
        for implementation in reversed(self._manager.hook.prip_authenticate.get_hookimpls()):
            try:
                principal = _with_known_arguments(implementation)(credentials=credentials)
            except PripError:
                raise
            except Exception:  # noqa: BLE001 - one faulty plugin must not lock out the users of the others
                plugin = str(self._describe(implementation.plugin_name))
                _log.exception("plugin failed", plugin=plugin, hook="prip_authenticate")
                continue
            if principal is not None:
                return principal  # type: ignore[no-any-return]
        return None

    def provider(self, cls: type) -> str:
        """The plugin that a class or an object's class came from, for messages: ``name (source)``."""
        for plugin in self.loaded():
            module = self._manager.get_plugin(plugin.name)
            name = getattr(module, "__name__", "")
            package = name.rpartition(".")[0] or name
            if package and f"{cls.__module__}.".startswith(f"{package}."):
                return str(plugin)
        return cls.__module__

    def problems(self) -> Sequence[str]:
        """What is wrong with the hook implementations: names that are no hooks, missing marks, classes of no use."""
        return [*self._unknown_hooks(), *self._unmarked(), *self._unusable_classes()]

    def _describe(self, name: str) -> LoadedPlugin:
        callers = self._manager.get_hookcallers(self._manager.get_plugin(name)) or []
        return LoadedPlugin(
            name=name, source=self._sources[name], hooks=tuple(sorted(caller.name for caller in callers))
        )

    def _each(self, hook: str) -> Iterator[tuple[LoadedPlugin, Callable[..., Any]]]:
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            yield self._describe(implementation.plugin_name), _with_known_arguments(implementation)

    def _classes(self, hook: str, base: type[_Class]) -> Mapping[str, type[_Class]]:
        found: dict[str, tuple[LoadedPlugin, type[_Class]]] = {}
        problems = []
        for plugin, implementation in self._each(hook):
            for cls in implementation():
                name = getattr(cls, "NAME", None)
                if not (isinstance(cls, type) and issubclass(cls, base) and isinstance(name, str)):
                    problems.append(f"plugins: {plugin} registers {cls!r}, which is no {base.__name__} with a NAME")
                elif name in found:
                    problems.append(f"plugins: {found[name][0]} and {plugin} both bring a {base.__name__} {name!r}")
                else:
                    found[name] = (plugin, cls)
        if problems:
            raise ConfigError(*problems)
        return {name: cls for name, (_, cls) in sorted(found.items())}

    def _unknown_hooks(self) -> Iterator[str]:
        known = [name for name in vars(hookspecs) if name.startswith("prip_")]
        for name, caller in vars(self._manager.hook).items():
            if name.startswith("_") or caller.has_spec():
                continue
            for implementation in caller.get_hookimpls():
                meant = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {meant[0]}?" if meant else f"hooks are {', '.join(known)}"
                yield f"plugins: {self._describe(implementation.plugin_name)} implements {name}, no hook; {hint}"

    def _unmarked(self) -> Iterator[str]:
        for name in self._sources:
            plugin = self._manager.get_plugin(name)
            functions = vars(plugin if isinstance(plugin, ModuleType) else type(plugin))
            for attribute, value in functions.items():
                if attribute.startswith("prip_") and callable(value) and not hasattr(value, "prip_impl"):
                    yield f"plugins: {self._describe(name)} has a function {attribute} without @hookimpl"

    def _unusable_classes(self) -> Iterator[str]:
        for classes in (self.missions, self.storages, self.inboxes, self.listeners):
            try:
                classes()
            except ConfigError as error:
                yield from error.problems


def load_plugins(local: Sequence[Path] = (), disabled: Sequence[str] = ()) -> Plugins:
    """Load the built-in plugins, the installed ones (entry points of group ``prip``) and local files.

    :param local: plugin files.
    :param disabled: names of installed plugins not to load.
    :raises ConfigError: every import that fails, every name that clashes, every hook that is misspelt, every class
        that is not what its hook registers, all at once.
    """
    plugins = Plugins()
    problems: list[str] = []
    plugins.register(importlib.import_module(_BUILTIN), name="builtin", source=_source(_DISTRIBUTION))
    installed = sorted(entry_points(group=_GROUP), key=lambda entry: entry.name)
    problems += _unknown_names(disabled, [entry.name for entry in installed])
    for entry in installed:
        if entry.name not in disabled:
            way_out = f'leave it out with [plugins] disabled = ["{entry.name}"]'
            problems += _add(plugins, (entry.name, _entry_source(entry)), entry.load, way_out)
    for path in local:
        way_out = "take it out of [plugins] local"
        problems += _add(plugins, (path.stem, str(path)), lambda path=path: _import_file(path), way_out)  # type: ignore[misc]
    problems += plugins.problems()
    if problems:
        raise ConfigError(*problems)
    return plugins


def _add(plugins: Plugins, origin: tuple[str, str], load: Callable[[], Any], way_out: str) -> Sequence[str]:
    name, source = origin
    try:
        module = load()
    except Exception as error:  # noqa: BLE001 - importing a plugin runs its code, which may raise anything
        failure = f"plugins: {name} ({source}) cannot be imported ({type(error).__name__}: {error})"
        return [f"{failure}; repair it, or {way_out}"]
    try:
        plugins.register(module, name=name, source=source)
    except ConfigError as error:
        return error.problems
    return ()


def _unknown_names(disabled: Sequence[str], installed: Sequence[str]) -> list[str]:
    return [
        f"plugins.disabled: no plugin is called {name!r}; installed are {', '.join(installed)}"
        for name in disabled
        if name not in installed
    ]


def _import_file(path: Path) -> ModuleType:
    specification = importlib.util.spec_from_file_location(f"prip_local_{path.stem}", path)
    if specification is None or specification.loader is None or not path.is_file():
        raise ImportError(f"there is no Python file {path}")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _with_known_arguments(implementation: pluggy.HookImpl) -> Callable[..., Any]:
    """An implementation names only the arguments that it wants."""

    def call(**arguments: object) -> Any:
        return implementation.function(**{name: arguments[name] for name in implementation.argnames})

    return call


def _entry_source(entry: EntryPoint) -> str:
    return _source(entry.dist.name) if entry.dist else entry.value


def _source(distribution: str) -> str:
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return distribution
