"""Plugins listed and checked, installed ones and local files, sound ones and broken ones."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

BROKEN = """
from prip_core import hookimpl
from prip_storage_posix.posix import PosixStorage

class Forgetful(PosixStorage):
    NAME = "forgetful"

    def put(self, key, source, *, size):
        super().put(key, source, size=size)
        self.delete([key])

@hookimpl
def prip_register_storages():
    return [Forgetful]
"""

VAULT = """
from pathlib import Path
from prip_core import PluginSettings, Secret, hookimpl
from prip_storage_posix.posix import PosixSettings, PosixStorage

class VaultSettings(PluginSettings):
    room: Path
    key: Secret
    prefix: str = ""

class Vault(PosixStorage):
    NAME = "vault"
    Settings = VaultSettings

    def __init__(self, settings):
        assert settings.key.get_secret_value() == "sesame"
        place = settings.room / settings.prefix
        place.mkdir(exist_ok=True)
        super().__init__(PosixSettings(path=place))
        self.settings = settings

@hookimpl
def prip_register_storages():
    return [Vault]
"""

DISTANT = """
import re
from prip_core import (
    Attribute, MissionAdapter, ProductIdentity, ProductMetadata, ProductType, TimeRange, hookimpl, parse_utc
)

class Distant(MissionAdapter):
    NAME = "distant"

    def product_types(self):
        return [ProductType(code="DISTANT", mission="distant", description="from elsewhere")]

    def recognise(self, candidate):
        if not re.fullmatch("DISTANT_[0-9]{1,9}[.]bin", candidate.name, re.ASCII):
            return None
        return ProductIdentity(name=candidate.name, product_type=self.product_types()[0], platform="D1")

    def inspect(self, identity, files):
        moment = parse_utc(files.read(identity.name, 100).decode())
        return ProductMetadata(content=TimeRange(start=moment, end=moment), attributes=())

@hookimpl
def prip_register_missions():
    return [Distant]
"""


def with_local_plugin(instance: Any, content: str = BROKEN) -> Any:
    (instance.folder / "forgetful.py").write_text(content)
    instance.config.write_text(instance.config.read_text() + '\n[plugins]\nlocal = ["forgetful.py"]\n')
    return instance


def test_without_a_configuration_all_installed_plugins_are_listed(run_prip: Any) -> None:
    text = run_prip("plugins", "list").stdout
    for words in ("builtin inbox folder", "sentinel1 mission sentinel1", "sentinel2 mission", "storage posix"):
        assert any(all(word in line for word in words.split()) for line in text.splitlines()), words


def test_a_local_plugin_is_listed_with_its_file(instance: Any) -> None:
    rows = {row["name"]: row for row in with_local_plugin(instance).json("plugins", "list")}
    assert rows["forgetful"] == {
        "name": "forgetful",
        "source": str(instance.folder / "forgetful.py"),
        "brings": ["storage forgetful"],
        "hooks": ["prip_register_storages"],
    }


def test_a_plugin_that_cannot_be_loaded_is_exit_code_2(instance: Any) -> None:
    with_local_plugin(instance)
    (instance.folder / "forgetful.py").write_text("import nothing_of_this_name")
    result = instance.prip("plugins", "list")
    assert result.exit_code == 2
    assert "forgetful" in result.stderr
    assert "nothing_of_this_name" in result.stderr


def test_rules_are_listed_with_what_they_demand(run_prip: Any) -> None:
    rows = json.loads(run_prip("plugins", "rules", "--json").stdout)
    assert {f"QC-{number:02d}" for number in range(1, 22)} == {row["rule"] for row in rows}
    assert all(row["demands"].endswith(".") and row["severity"] in {"error", "warning"} for row in rows)
    (crc,) = [row for row in rows if "CRC-16" in row["demands"]]
    assert (crc["rule"], crc["severity"], crc["stage"]) == ("QC-18", "warning", "metadata")
    assert crc["source"].startswith("sentinel1 (prip ")
    (unique,) = [row for row in rows if row["rule"] == "QC-02"]
    assert unique["stage"] is None
    lines = run_prip("plugins", "rules").stdout.splitlines()
    assert [line.split()[2] for line in lines if line.startswith("QC-02")] == ["always"]


def test_rules_of_a_type_are_listed_as_they_hold_here(instance: Any) -> None:
    instance.config.write_text(instance.config.read_text() + '\n[ingest.qc]\nseverity = { QC-14 = "off" }\n')
    rows = instance.json("plugins", "rules", "--type", "MSI_L1C_TL")
    assert {row["severity"] for row in rows if row["rule"] == "QC-14"} == {"off"}
    assert "QC-18" not in {row["rule"] for row in rows}
    result = instance.prip("plugins", "rules", "--type", "MSI_L9")
    assert result.exit_code == 2
    assert "--type MSI_L9: no mission here has this product type" in result.stderr


def test_an_unknown_name_is_exit_code_2(run_prip: Any) -> None:
    result = run_prip("plugins", "check", "posix", "tape")
    assert result.exit_code == 2
    assert "tape: there is no such mission or storage" in result.stderr


def test_a_setting_of_no_storage_is_exit_code_2(run_prip: Any) -> None:
    result = run_prip("plugins", "check", "--setting", "tape.path=/dev/tape")
    assert result.exit_code == 2
    assert "--setting tape.…: there is no such storage; there are posix, s3" in result.stderr
    assert run_prip("plugins", "check", "--setting", "bucket=x").exit_code == 2


def check(instance: Any, *names: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as the kit's report goes past Python's standard output."""
    command = [sys.executable, "-m", "prip_core", "--config", str(instance.config), "plugins", "check", *names]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["posix", "sentinel1", "sentinel2"])
def test_the_kit_passes_a_sound_plugin(instance: Any, name: str) -> None:
    done = check(instance, name)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
    assert "warning" not in done.stdout


def test_a_storage_that_needs_settings_is_given_them(instance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    without = check(with_local_plugin(instance, VAULT), "s3", "vault")
    assert without.returncode == 0
    assert "s3 needs settings: give --setting s3.bucket=…" in without.stdout
    assert "vault needs settings: give --setting vault.room=…, --setting vault.key=…" in without.stdout
    room = instance.folder / "room"
    room.mkdir()
    (room / "precious").write_bytes(b"bytes")
    monkeypatch.setenv("PRIP_TEST_KEY", "sesame")
    words = ("--setting", f"vault.room={room}", "--setting", 'vault.key={ env = "PRIP_TEST_KEY" }')
    done = check(instance, "vault", *words)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
    assert [path.read_bytes() for path in room.rglob("*") if path.is_file()] == [b"bytes"]


def test_a_mission_from_elsewhere_needs_samples(instance: Any) -> None:
    with_local_plugin(instance, DISTANT)
    without = check(instance, "distant")
    assert "--sample TYPE=FILE" in without.stdout
    sample = instance.folder / "DISTANT_1.bin"
    sample.write_bytes(b"2025-08-01T00:00:00Z")
    given = check(instance, "distant", "--sample", f"DISTANT={sample}")
    assert "skipped" not in given.stdout
    assert "samples_are_recognised" not in given.stdout
    wrong = check(instance, "distant", "--sample", "DISTANT=/nowhere")
    assert wrong.returncode == 2
    assert "/nowhere" in wrong.stderr


def test_the_kit_fails_a_broken_local_storage(instance: Any) -> None:
    done = check(with_local_plugin(instance), "forgetful")
    assert done.returncode == 1
    assert "Test_storage_forgetful" in done.stdout
    assert "test_put_keeps_every_byte" in done.stdout


def test_without_pytest_the_extra_is_named(run_prip: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytest", None)
    result = run_prip("plugins", "check", "posix")
    assert result.exit_code == 2
    assert "pip install pytest" in result.stderr
