"""Plugins: what is loaded, and the sentences when it cannot be."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from prip_core.errors import ConfigError
from prip_core.model import ProductType
from prip_core.plugins import load_plugins
from prip_core.principals import Credentials

MISSION = """
from prip_core import MissionAdapter, hookimpl

class Mission(MissionAdapter):
    NAME = "{name}"
    def product_types(self): return ()
    def recognise(self, candidate): return None
    def inspect(self, identity, files): raise NotImplementedError

@hookimpl
def prip_register_missions():
    return [Mission]
"""


MARKED = "from prip_core import hookimpl\n@hookimpl\n"


def plugin(folder: Path, name: str, source: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(source)
    return path


def refusal(*paths: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load_plugins(paths)
    return str(refused.value)


def test_a_file_is_a_plugin(tmp_path: Path) -> None:
    plugins = load_plugins([plugin(tmp_path, "mine", MISSION.format(name="landsat"))])
    assert "landsat" in plugins.missions()
    loaded = {each.name: each for each in plugins.loaded()}
    assert loaded["mine"].hooks == ("prip_register_missions",)
    assert str(tmp_path / "mine.py") in loaded["mine"].source


def test_the_installed_plugins_are_loaded() -> None:
    plugins = load_plugins()
    assert {"sentinel1", "sentinel2"} <= set(plugins.missions())
    assert "posix" in plugins.storages()
    assert "folder" in plugins.inboxes()


def test_a_disabled_plugin_is_not_loaded() -> None:
    assert "sentinel1" not in load_plugins(disabled=["sentinel1"]).missions()


def test_two_classes_of_one_name_are_refused_naming_both(tmp_path: Path) -> None:
    message = refusal(
        plugin(tmp_path, "first", MISSION.format(name="landsat")),
        plugin(tmp_path, "second", MISSION.format(name="landsat")),
    )
    assert "'landsat'" in message
    assert str(tmp_path / "first.py") in message
    assert str(tmp_path / "second.py") in message


def test_a_name_of_an_installed_mission_cannot_be_taken(tmp_path: Path) -> None:
    message = refusal(plugin(tmp_path, "mine", MISSION.format(name="sentinel2")))
    assert "prip" in message
    assert str(tmp_path / "mine.py") in message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (MARKED + "def prip_register_mission(): return []", "did you mean prip_register_missions?"),
        (MARKED + "def prip_zzz(): return []", "hooks are prip_register_missions"),
        ("def prip_register_missions(): return []", "without @hookimpl"),
        (MARKED + "def prip_qc_rules(product): return []", "product"),
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("raise SystemError('no such device')", "SystemError: no such device"),
        (MARKED + "def prip_register_missions(): return [int]", "no MissionAdapter"),
    ],
)  # fmt: skip
def test_a_faulty_plugin_refuses_the_start(tmp_path: Path, source: str, expected: str) -> None:
    message = refusal(plugin(tmp_path, "faulty", source))
    assert expected in message
    assert "faulty" in message


def test_a_failed_import_names_the_way_out(tmp_path: Path) -> None:
    assert "take it out of [plugins] local" in refusal(plugin(tmp_path, "broken", "1/0"))


def test_a_failed_import_of_an_installed_plugin_names_its_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint(name="broken", value="nothing_of_this_name", group="prip")
    monkeypatch.setattr("prip_core.plugins.entry_points", lambda group: [broken])
    with pytest.raises(ConfigError, match=r'leave it out with \[plugins\] disabled = \["broken"\]'):
        load_plugins()
    assert load_plugins(disabled=["broken"]).missions() == {}


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert "there is no Python file" in refusal(tmp_path / "absent.py")


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    message = refusal(plugin(tmp_path, "one", "1/0"), plugin(tmp_path, "two", "import nothing_of_this_name"))
    assert "one" in message
    assert "two" in message


def test_an_unknown_name_cannot_be_disabled() -> None:
    with pytest.raises(ConfigError, match="no plugin is called 'sentinel9'"):
        load_plugins(disabled=["sentinel9"])


def test_rules_of_all_plugins_count(tmp_path: Path) -> None:
    source = (
        "from prip_core import hookimpl, qc_rule\n"
        "@qc_rule('MY-01')\ndef never(product):\n    'Nothing.'\n    return iter(())\n"
        "@hookimpl\ndef prip_qc_rules(product_type):\n    return [never]\n"
    )
    plugins = load_plugins([plugin(tmp_path, "mine", source)])
    foreign = ProductType(code="X", mission="elsewhere", description="of another mission")
    assert "MY-01" in [rule.id for rule in plugins.qc_rules(foreign)]


def test_a_failing_authenticator_does_not_lock_out_the_others(tmp_path: Path) -> None:
    faulty = plugin(
        tmp_path,
        "faulty",
        MARKED + "def prip_authenticate(credentials): raise RuntimeError",
    )
    honest = plugin(
        tmp_path,
        "honest",
        "from prip_core import Principal, hookimpl\n@hookimpl\ndef prip_authenticate(credentials):\n"
        "    return Principal(name=credentials.username, roles=frozenset())",
    )
    principal = load_plugins([honest, faulty]).authenticate(Credentials(username="ada", password="x"))
    assert principal is not None
    assert principal.name == "ada"
