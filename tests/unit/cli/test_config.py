"""The configuration shown and checked, and the exit codes of everything that needs one."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest


def test_every_value_names_its_source(instance: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIP__SERVE__PORT", "9321")
    rows = {row["setting"]: row for row in instance.json("config", "show")}
    assert rows["serve.port"] == {"setting": "serve.port", "value": 9321, "source": "PRIP__SERVE__PORT"}
    assert rows["serve.host"] == {"setting": "serve.host", "value": "127.0.0.1", "source": "default"}
    assert rows["inbox[0].complete"]["source"] == "default"
    for setting in ("instance.missions", "inbox[0].path", "storages.archive.path"):
        assert rows[setting]["source"] == str(instance.config)
    plain = instance.done("config", "show").splitlines()
    assert plain[0].split() == ["SETTING", "VALUE", "SOURCE"]
    assert len(plain) == len(rows) + 1


def test_a_database_url_that_is_kept_elsewhere_is_shown_without_its_password(
    instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIP_TEST_URL", "postgresql://prip:hush@127.0.0.1/prip")
    with instance.config.open("a") as file:
        file.write('\n[database]\nurl = { env = "PRIP_TEST_URL" }\n')
    rows = {row["setting"]: row for row in instance.json("config", "show")}
    shown = {"value": "postgresql://prip:***@127.0.0.1/prip", "source": str(instance.config)}
    assert rows["database.url"] == {"setting": "database.url", **shown}


def test_a_driver_that_is_not_installed_is_a_problem_among_the_others(
    instance: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what an import finds where it is not installed
    monkeypatch.delitem(sys.modules, "prip_core.catalogue.postgres.database", raising=False)
    text = instance.config.read_text().replace("port = 8080", "port = 0")
    instance.config.write_text(f'{text}\n[database]\nurl = "postgresql://prip@127.0.0.1/prip"\n')
    result = instance.prip("config", "check")
    assert result.exit_code == 2
    assert "prip: serve.port: " in result.stderr
    assert "prip: database.url: the driver for PostgreSQL is not installed" in result.stderr


def test_all_problems_are_listed_each_with_its_path(instance: Any) -> None:
    text = instance.config.read_text().replace('"sentinel1"', '"venus"').replace("port = 8080", "port = 0\nprot = 1")
    instance.config.write_text(text + '\n[storages.other]\nbackend = "tape"\n')
    for verb in (["config", "check"], ["config", "show"], ["user", "list"], ["run"], ["ingest", "--once"]):
        result = instance.prip(*verb)
        assert result.exit_code == 2
        paths = {line.split(": ")[1] for line in result.stderr.splitlines()}
        assert paths == {"instance.missions", "serve.port", "serve.prot", "storages.other.backend"}


def test_what_a_plugin_cannot_work_with_names_section_and_plugin(instance: Any) -> None:
    archive = instance.folder / "archive"
    shutil.rmtree(archive)
    archive.write_text("a file lies where a folder must be")
    result = instance.prip("config", "check")
    assert result.exit_code == 2
    assert result.stderr.startswith("prip: storages.archive (posix): ")
    assert str(archive) in result.stderr


REST = '[[inbox]]\npath = "inbox"\n[storages.archive]\npath = '


@pytest.mark.parametrize(
    "text, paths",
    [
        ("instance = 1\ninbox = 2\nstorages = 3\nplugins = 4\nserve = 5", "instance inbox storages plugins serve"),
        (f'[instance]\nmissions = 1\n{REST}"archive"', "instance.missions"),
        (f'[instance]\nmissions = "sentinel2"\n{REST}"archive"', "instance.missions"),
        (f'[instance]\nmissions = ["sentinel2"]\n{REST}"\\u0000"', "storages.archive.path"),
    ],
)
def test_values_of_another_kind_are_problems_too(instance: Any, text: str, paths: str) -> None:
    instance.config.write_text(text)
    result = instance.prip("config", "check")
    assert result.exit_code == 2
    assert sorted(line.split(": ")[1] for line in result.stderr.splitlines()) == sorted(paths.split())


VERBS_WITH_A_CATALOGUE = [
    ["run"],
    ["serve"],
    ["ingest", "--once"],
    ["user", "list"],
    ["inbox", "list"],
    ["product", "show", "x"],
    ["clock", "status"],
    ["import", "-"],
]


@pytest.mark.parametrize("verb", VERBS_WITH_A_CATALOGUE, ids=" ".join)
def test_a_database_without_schema_is_exit_code_2(instance: Any, verb: list[str]) -> None:
    (instance.folder / "prip.db").unlink()
    result = instance.prip(*verb)
    assert result.exit_code == 2
    assert "prip db upgrade" in result.stderr


@pytest.mark.parametrize("verb", VERBS_WITH_A_CATALOGUE, ids=" ".join)
def test_no_configuration_is_exit_code_2(tmp_path: Path, verb: list[str], run_prip: Any) -> None:
    assert run_prip("--config", tmp_path / "none.toml", *verb).exit_code == 2
    result = run_prip(*verb)
    assert result.exit_code == 2
    assert "prip init" in result.stderr


def test_a_database_that_is_none_is_a_sentence(instance: Any) -> None:
    for path in instance.folder.glob("prip.db*"):
        path.unlink()
    (instance.folder / "prip.db").write_bytes(b"no database at all" * 1000)
    result = instance.prip("user", "list")
    assert result.exit_code in {1, 2}
    assert len(result.stderr.splitlines()) == 1


def test_db_status_and_upgrade(instance: Any) -> None:
    status = instance.json("db", "status")
    assert status["schema"] == status["schema_of_program"]
    assert status["pending"] == []
    assert (status["products"], status["online"], status["carries_products"]) == (0, 0, 20_000_000)
    (instance.folder / "prip.db").unlink()
    assert instance.json("db", "status")["pending"]
    assert "applied" in instance.done("db", "upgrade")
    assert instance.json("db", "status")["pending"] == []
    assert "applied" not in instance.done("db", "upgrade")


def test_a_rule_that_nobody_knows_is_exit_code_2(instance: Any) -> None:
    instance.config.write_text(f'{instance.config.read_text()}\n[ingest.qc]\nseverity = {{ QC-99 = "off" }}\n')
    result = instance.prip("config", "check")
    assert result.exit_code == 2
    assert "ingest.qc.severity.QC-99: there is no such rule; there are QC-01, QC-05" in result.stderr


def test_what_quality_control_does_is_shown(instance: Any) -> None:
    instance.config.write_text(f'{instance.config.read_text()}\n[ingest.qc]\nseverity = {{ QC-14 = "off" }}\n')
    shown = {row["setting"]: row["value"] for row in instance.json("config", "show")}
    assert shown["ingest.qc.severity.QC-14"] == "off"
    assert shown["ingest.qc.manifest"] == "full"
    assert shown["ingest.qc.manifest_of_type"] == {}


def test_a_table_with_nothing_in_it_is_a_setting_too(instance: Any) -> None:
    lines = {line.split()[0]: line.split()[1:] for line in instance.done("config", "show").splitlines()}
    assert lines["ingest.qc.severity"] == ["-", "default"]


def test_a_limit_of_a_mission_that_is_not_served_is_said(instance: Any) -> None:
    assert instance.prip("config", "check").stderr == ""
    limit = '[[kpi.limit]]\nmission = "{}"\nproduct_types = ["*"]\ntimeliness = "NRT"\nwithin = 3.0\nshare = 95.0\n'
    served = f"{instance.config.read_text()}\n{limit.format('sentinel2')}"
    instance.config.write_text(served)
    assert instance.prip("config", "check").stderr == ""
    instance.config.write_text(served + 2 * limit.format("sentinel-2"))
    result = instance.prip("config", "check")
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("prip: kpi.limit: the mission 'sentinel-2' is not served here")
    assert instance.prip("inbox", "list").stderr == ""
