"""Listeners: put to work by a table of the configuration, told of events, refused with a sentence where they cannot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from prip_core import runtime
from prip_core.errors import ConfigError
from prip_core.model import ProductRejectedEvent, Rejection

CONFIGURATION = """
[instance]
missions = ["sentinel2"]
[[inbox]]
path = "inbox"
[storages.archive]
path = "archive"
[plugins]
local = ["mine.py"]
"""

SIREN = """
from prip_core import Listener, PluginSettings, hookimpl

class SirenSettings(PluginSettings):
    tone: str

class Siren(Listener):
    NAME = "siren"
    Settings = SirenSettings
    heard = []

    @hookimpl
    def prip_product_rejected(self, event):
        self.heard.append((self.settings.tone, event.rejection.name))

@hookimpl
def prip_register_listeners():
    return [Siren]
"""

FUNCTION = """
from prip_core import hookimpl

@hookimpl
def prip_product_rejected(event):
    with open(__file__ + ".heard", "a") as file:
        file.write(event.rejection.name)
"""

EVENT = ProductRejectedEvent(
    rejection=Rejection(uuid=uuid4(), name="A.tar", reason="no good", when=datetime(2026, 3, 1, tzinfo=UTC)),
    size=7,
    arrived=datetime(2026, 3, 1, tzinfo=UTC),
)


def load(folder: Path, source: str, more: str = "") -> runtime.Runtime:
    for name in ("inbox", "archive"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "mine.py").write_text(source)
    (folder / "prip.toml").write_text(CONFIGURATION + more)
    return runtime.load(folder / "prip.toml")


def test_a_listener_is_at_work_where_its_table_stands(tmp_path: Path) -> None:
    assert load(tmp_path, SIREN).plugins.listening() == []
    loaded = load(tmp_path, SIREN, '[plugins.siren]\ntone = "high"\n')
    (listening,) = loaded.plugins.listening()
    assert (listening.name, listening.channel) == ("siren", "plugin:siren")
    listening.tell(EVENT)
    siren: Any = loaded.listeners["siren"]
    assert siren.heard == [("high", "A.tar")]


def test_a_function_listens_without_settings(tmp_path: Path) -> None:
    (listening,) = load(tmp_path, FUNCTION).plugins.listening()
    assert listening.channel == "plugin:mine"
    listening.tell(EVENT)
    assert (tmp_path / "mine.py.heard").read_text() == "A.tar"


def test_each_is_told_for_itself(tmp_path: Path) -> None:
    both = FUNCTION + SIREN
    loaded = load(tmp_path, both, '[plugins.siren]\ntone = "high"\n[plugins.journal]\npath = "rejected.ndjson"\n')
    assert sorted(each.name for each in loaded.plugins.listening()) == ["journal", "mine", "siren"]
    for listening in loaded.plugins.listening():
        listening.tell(EVENT)
    siren: Any = loaded.listeners["siren"]
    assert siren.heard == [("high", "A.tar")]
    assert (tmp_path / "rejected.ndjson").read_text().count("\n") == 1
    assert (tmp_path / "mine.py.heard").read_text() == "A.tar"


@pytest.mark.parametrize(
    "source, table, problem",
    [
        (SIREN, "[plugins.siren]\n", r"plugins\.siren\.tone: this setting is missing"),
        (SIREN, '[plugins.siern]\ntone = "high"\n', r"plugins\.siern: there is no 'siern'; there are .*journal.*siren"),
        (
            SIREN.replace("def prip_product_rejected", "def prip_product_regected"),
            '[plugins.siren]\ntone = "high"\n',
            "did you mean prip_product_rejected",
        ),
        (
            SIREN.replace("    @hookimpl\n", ""),
            '[plugins.siren]\ntone = "high"\n',
            "has a function prip_product_rejected without @hookimpl",
        ),
        (
            SIREN.replace("(self, event)", "(self, product)"),
            '[plugins.siren]\ntone = "high"\n',
            "product",
        ),
        (SIREN.replace('"siren"', '"sentinel2"'), "[plugins.sentinel2]\n", "a mission and a listener have this name"),
        (SIREN.replace('"siren"', '"journal"'), "", "both bring a Listener 'journal'"),
        (
            (SIREN + FUNCTION).replace('"siren"', '"mine"'),
            '[plugins.mine]\ntone = "high"\n',
            "the plugin 'mine' listens itself",
        ),
        (SIREN, '[plugins.journal]\npath = "nowhere/x"\n', r"plugins\.journal \(journal\): path: there is no folder"),
        (
            SIREN,
            '[plugins.journal]\npath = "inbox/x"\n',
            r"\.path: .* lies in the folder of inbox\[0\]",
        ),
    ],
)
def test_what_cannot_be_refuses_the_start(tmp_path: Path, source: str, table: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        load(tmp_path, source, table)
