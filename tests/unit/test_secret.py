"""Secrets in plugins' settings: written or kept elsewhere, and never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prip_core import ConfigError, PluginSettings, Secret, configuration
from prip_core.configuration import RawConfiguration

HIDDEN = "correct horse"


class VaultSettings(PluginSettings):
    key: Secret
    other: Secret | None = None


def checked(tmp_path: Path, **values: Any) -> VaultSettings:
    raw = RawConfiguration(path=tmp_path / "prip.toml", values={}, sources={})
    settings = configuration.check_own(VaultSettings, values, "storages.vault", raw)
    assert isinstance(settings, VaultSettings)
    return settings


def test_a_secret_is_a_text_or_kept_in_the_environment_or_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIP_TEST_SECRET", HIDDEN)
    (tmp_path / "secret").write_text(f"{HIDDEN}\n")
    for written in (HIDDEN, {"env": "PRIP_TEST_SECRET"}, {"file": str(tmp_path / "secret")}):
        assert checked(tmp_path, key=written).key.get_secret_value() == HIDDEN


def test_it_is_never_shown(tmp_path: Path) -> None:
    settings = checked(tmp_path, key=HIDDEN)
    assert settings.model_dump(mode="json") == {"key": "***", "other": None}
    assert HIDDEN not in f"{settings} {settings!r} {settings.model_dump_json()}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (47_110_815, 'storages.vault.key: expected a text, { env = "NAME" } or { file = "/path" }'),
        ("", "storages.vault.key: expected a text"),
        ({"env": "NO_SUCH_VARIABLE"}, "storages.vault.key: the environment variable NO_SUCH_VARIABLE is not set"),
        ({"file": "/nowhere/at/all"}, "storages.vault.key: the file /nowhere/at/all cannot be read"),
        ({"env": "A", "file": "b"}, "storages.vault.key: expected a text"),
    ],
)
def test_what_is_none_is_refused_without_repeating_it(tmp_path: Path, written: object, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        checked(tmp_path, key=written)
    (problem,) = refused.value.problems
    assert problem.startswith(said)
    assert "found" not in problem
    assert str(written) not in problem or isinstance(written, str)
