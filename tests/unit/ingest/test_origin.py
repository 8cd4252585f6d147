"""Where an unexpected error comes from."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import pytest

from prip_core.ingest.origin import origin_of
from prip_core.interfaces import PluginSettings
from prip_core.times import parse_utc
from prip_sentinel2.plugin import prip_register_missions


def ask_sentinel2() -> object:
    (mission,) = (cls(PluginSettings()) for cls in prip_register_missions())
    return mission.recognise(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("deed", "frames", "package"),
    [(lambda: parse_utc("never ever"), 2, "prip_core"), (ask_sentinel2, 2, "prip_sentinel2")],
    ids=["core", "plugin"],
)
def test_the_package_that_failed_is_named_with_its_version(
    deed: Callable[[], object], frames: int, package: str
) -> None:
    with pytest.raises(Exception) as raised:
        deed()
    trace = raised.value.__traceback__
    for _ in range(frames):  # without this module's own frames
        assert trace is not None
        trace = trace.tb_next
    assert origin_of(raised.value.with_traceback(trace)) == {"plugin": package, "version": version("prip")}
