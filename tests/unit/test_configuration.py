"""The configuration: where it is found, what overrides what, and every problem at once with its path."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from prip_core import configuration
from prip_core.errors import ConfigError
from prip_core.settings import DatabaseSection, without_password

GOOD = """
[instance]
missions = ["sentinel2"]
[[inbox]]
path = "inbox"
[storages.archive]
path = "archive"
"""
CAMPAIGN = "[[inbox]]\nname = 'first'\n[inbox.campaign]\nname = 'c'\n"


def written(folder: Path, text: str = GOOD) -> Path:
    path = folder / "prip.toml"
    path.write_text(text)
    return path


def problems(path: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        configuration.check(configuration.read(path))
    return refused.value.problems


def test_defaults_fill_what_is_not_said(tmp_path: Path) -> None:
    settings = configuration.check(configuration.read(written(tmp_path)))
    assert settings.serve.port == 8080
    assert settings.database.url == f"sqlite:///{tmp_path}/prip.db"
    assert settings.inbox[0].model_extra == {"path": "inbox"}


def test_the_environment_overrides_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIP__SERVE__PORT", "8081")
    monkeypatch.setenv("PRIP__STORAGES__ARCHIVE__PATH", "/elsewhere")
    raw = configuration.read(written(tmp_path))
    settings = configuration.check(raw)
    assert settings.serve.port == 8081
    assert settings.storages["archive"].model_extra == {"path": "/elsewhere"}
    assert raw.sources["serve.port"] == "PRIP__SERVE__PORT"
    assert raw.sources["inbox[0].path"] == str(tmp_path / "prip.toml")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (GOOD + "[serve]\nport = 'abc'", "serve.port: expected a whole number (found 'abc')"),
        (GOOD + "[serve]\nprot = 8081", "serve.prot: there is no such setting"),
        (GOOD + "[servv]\nport = 1", "servv: there is no such setting"),
        (GOOD + "[ingest]\nworkers = 0", "ingest.workers: expected 1 or more (found 0)"),
        (GOOD + "[ingest]\nlease = 0", "ingest.lease: expected more than 0 (found 0)"),
        (GOOD + "[ingest]\nlease = true\nchecksums = 'MD5'", "ingest.checksums: expected a list (found 'MD5')"),
        (GOOD + "[serve]\ngone_status = 400", "serve.gone_status: expected 404 or 410 (found 400)"),
        (GOOD + "[serve]\nodata_path = 'x'", "serve.odata_path: expected text of the form ^(/"),
        (GOOD + "[auth]\nanonymous = 'perhaps'", "auth.anonymous: expected true or false (found 'perhaps')"),
        (GOOD + "[ingest]\nchecksums = ['SHA256']", "ingest.checksums: MD5 must be among them"),
        (GOOD + "[serve]\ncors_origins = ['a.org', '*', 'https://b/c']", "serve.cors_origins: no origin: 'a.org', 'ht"),
        (GOOD + "[database]\nurl = 'mysql://x'", "database.url: expected sqlite:///FILE"),
        (GOOD.replace('["sentinel2"]', "[]"), "instance.missions: expected a list of at least 1"),
        (GOOD.replace("[storages", "production_type = 'x'\n[storages"), "inbox[0].production_type: 'x' is no"),
        (GOOD.replace("[storages.archive]", "[storages.other]"), "inbox[0].storage: there is no [storages.archive]"),
        (GOOD + "[[inbox]]\npath = 'second'", "inbox[1].name: another inbox is called 'inbox'"),
        (GOOD.replace("[storages", "campaign = 'c'\n[storages"), "inbox[0].campaign: expected a table (found 'c')"),
        (GOOD + CAMPAIGN + "due = 'soon'", "inbox[1].campaign.due: expected a day, e.g. 2027-03-31 (found 'soon')"),
        (GOOD + CAMPAIGN + "expected = 0", "inbox[1].campaign.expected: expected the number of its products, 1 or"),
        (GOOD + CAMPAIGN + "expected = true", "inbox[1].campaign.expected: expected the number of its products, 1 or"),
        (GOOD + CAMPAIGN.replace("'c'", "''"), "inbox[1].campaign.name: "),
        (GOOD.replace("[storages", "retention = 0\n[storages"), "inbox[0].retention: expected more than 0 (found 0)"),
        (
            GOOD + CAMPAIGN + "[[inbox]]\nname = 'b'\ncampaign = { name = 'c', baseline = '5' }",
            "inbox[2].campaign: inbox[1].campaign says otherwise of 'c'; write the same in both",
        ),
        ("[instance]\nmissions = ['sentinel2']", "inbox: this setting is missing"),
    ],
)  # fmt: skip
def test_a_problem_has_its_path(tmp_path: Path, changed: str, expected: str) -> None:
    assert any(problem.startswith(expected) for problem in problems(written(tmp_path, changed))), expected


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('["sentinel2"]', "[]") + "[serve]\nport = 0\nhsot = 'x'\n[[inbox]]\nstorage = 'y'\n"
    starts = [problem.split(":")[0] for problem in problems(written(tmp_path, text))]
    assert {"instance.missions", "serve.port", "serve.hsot", "inbox[1].storage", "inbox[1].name"} <= set(starts)


def test_a_list_is_not_short_of_what_is_wrong_in_it(tmp_path: Path) -> None:
    text = GOOD.replace("[storages", "priority = 'x'\n[storages")
    assert problems(written(tmp_path, text)) == ("inbox[0].priority: expected a whole number (found 'x')",)


@pytest.mark.parametrize("text", ["[instance", "x = \x00", "[a]\nb = 1\n[a]\n"])
def test_no_toml_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        configuration.read(written(tmp_path, text))


def test_a_variable_of_no_section_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIP__SERV__PORT", "1")
    (problem,) = problems(written(tmp_path))
    assert problem.startswith("PRIP__SERV__PORT: there is no section [serv]")


def test_a_variable_that_is_no_json_is_named_without_its_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRIP__INSTANCE__MISSIONS", "sentinel2")
    with pytest.raises(ConfigError, match=r"^PRIP__INSTANCE__MISSIONS: .*JSON, e\.g\. \[\"sentinel2\"\]$"):
        configuration.read(written(tmp_path))


class TestLocate:
    def test_the_given_file_wins(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        given = written(tmp_path)
        monkeypatch.setenv("PRIP_CONFIG", "/nowhere/prip.toml")
        assert configuration.locate(given) == given

    def test_then_the_environment_then_the_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("PRIP_CONFIG", raising=False)
        here = written(tmp_path)
        assert configuration.locate() == here
        elsewhere = tmp_path / "other"
        elsewhere.mkdir()
        monkeypatch.setenv("PRIP_CONFIG", str(written(elsewhere)))
        assert configuration.locate() == elsewhere / "prip.toml"

    def test_nothing_found_names_the_next_step(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("PRIP_CONFIG", raising=False)
        with pytest.raises(ConfigError, match="prip init"):
            configuration.locate()


URL = "postgresql://prip:h:u%40sh@db.example.org/prip?sslmode=require"


def test_a_databases_password_is_never_shown() -> None:
    section = DatabaseSection(url=URL)
    assert section.url == URL
    shown = section.model_dump(mode="json")["url"]
    assert shown == "postgresql://prip:***@db.example.org/prip?sslmode=require"
    assert "sh@" not in repr(section)
    assert without_password("postgresql://prip:h:u@s/h@db.example.org/p") == "postgresql://prip:***@db.example.org/p"
    assert without_password("postgresql:///prip?host=/run&password=hush&user=a") == (
        "postgresql:///prip?host=/run&password=***&user=a"
    )
    assert without_password("postgresql://h/prip?PASSWORD=hush&sslpassword=hush") == (
        "postgresql://h/prip?PASSWORD=***&sslpassword=***"
    )
    assert without_password("sqlite:////srv/prip.db") == "sqlite:////srv/prip.db"


@pytest.mark.parametrize(
    "url",
    [
        "POSTGRESQL://prip:hush@host/prip",
        "mysql://prip:hush@host/prip",
        "postgres:/prip:hush@host/prip",
        " postgresql://prip:hush@host/prip",
        "host=db user=prip password=hush dbname=prip",
        "host=db user=prip password = 'hush hush' dbname=prip",
    ],
)
def test_a_problem_shows_no_password(tmp_path: Path, url: str) -> None:
    (problem,) = problems(written(tmp_path, f'{GOOD}[database]\nurl = "{url}"\n'))
    assert problem.startswith("database.url: expected sqlite:///FILE")
    assert "hush" not in problem


@pytest.mark.parametrize("password", ["hu@sh", "hu/sh", "h@hu/s:h"])
def test_a_password_that_would_be_read_as_a_host_is_refused_unseen(tmp_path: Path, password: str) -> None:
    url = f"postgresql://prip:{password}@host/prip"
    (problem,) = problems(written(tmp_path, f'{GOOD}[database]\nurl = "{url}"\n'))
    assert problem.startswith("database.url: a sign @ or / in its user or password is written %40 or %2F")
    assert "hu" not in problem


def test_a_database_url_kept_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRIP_TEST_URL", URL)
    (tmp_path / "url").write_text(f"{URL}\n")
    for secret in ({"env": "PRIP_TEST_URL"}, {"file": str(tmp_path / "url")}):
        assert DatabaseSection.model_validate({"url": secret}).url == URL


@pytest.mark.parametrize(
    "secret, said",
    [
        ({"env": "NO_SUCH_VARIABLE"}, "the environment variable NO_SUCH_VARIABLE is not set"),
        ({"file": "/no/such/file"}, "the file /no/such/file cannot be read"),
        ({"env": "A", "file": "b"}, "expected a text"),
        ("mysql://host/prip", "expected sqlite:///FILE or postgresql://"),
    ],
)
def test_a_database_url_that_is_none(secret: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        DatabaseSection.model_validate({"url": secret})
