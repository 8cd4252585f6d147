"""From ``--config`` to a delivery point that a verb can work with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prip_core import log, runtime
from prip_core.catalogue import Catalogue
from prip_core.runtime import Runtime


def load(config: Path | None) -> Runtime:
    """The delivery point of this configuration, for a verb that answers a person: only warnings are logged.

    :raises ConfigError: everything that is wrong with it.
    """
    log.configure("warning")
    return runtime.load(config)


def load_component(config: Path | None) -> Runtime:
    """The delivery point for a component that runs: logs as ``[log]`` says.

    :raises ConfigError: everything that is wrong with it.
    """
    loaded = load(config)
    log.configure(loaded.settings.log.level, loaded.settings.log.format)
    return loaded


@contextmanager
def catalogue_of(loaded: Runtime) -> Iterator[Catalogue]:
    """The catalogue, closed at the end.

    :raises SchemaMismatch: ``prip db upgrade`` has not been run.
    """
    catalogue = loaded.open_catalogue()
    try:
        yield catalogue
    finally:
        catalogue.close()


@contextmanager
def opened(config: Path | None) -> Iterator[Catalogue]:
    """The catalogue of this configuration, closed at the end.

    :raises ConfigError: everything that is wrong with the configuration.
    :raises SchemaMismatch: ``prip db upgrade`` has not been run.
    """
    with catalogue_of(load(config)) as catalogue:
        yield catalogue


def require_catalogue(loaded: Runtime) -> None:
    """Look whether the catalogue can be opened: before child processes are started, so that it is said once.

    :raises SchemaMismatch: ``prip db upgrade`` has not been run.
    """
    with catalogue_of(loaded):
        pass
