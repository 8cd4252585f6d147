"""Where an unexpected error comes from: the package that the core called, and its version; the log line about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from prip_core.errors import PripError

_CORE = "prip_core"


def origin_of(error: BaseException) -> dict[str, str]:
    """``{"plugin": package, "version": version}`` of the code that raised, ready for a log line.

    It is the first package outside the core and the standard library on the way from the core to the error; the core
    itself when there is none. What called the core, such as a web framework, does not count.
    """
    packages = list(_packages(error))
    called = packages[packages.index(_CORE) :] if _CORE in packages else packages
    package = next((name for name in called if name != _CORE), _CORE)
    return {"plugin": package, "version": _version(package)}


def log_failure(log: Any, event: str, error: Exception, **facts: object) -> None:
    """Log an error that work goes on behind: in a line what may happen, with its traceback what is a bug.

    :param log: the logger of the module that goes on.
    :param facts: what else the line tells.
    """
    if isinstance(error, PripError):
        log.warning(event, error=str(error), **facts)
    else:
        log.error(event, exc_info=error, **facts, **origin_of(error))


def _packages(error: BaseException) -> Iterator[str]:
    trace = error.__traceback__
    while trace is not None:
        package = trace.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        if package and package not in sys.stdlib_module_names:
            yield package
        trace = trace.tb_next


@cache
def _version(package: str) -> str:
    try:
        return version(packages_distributions().get(package, [package])[0])
    except PackageNotFoundError:
        return "unknown"
