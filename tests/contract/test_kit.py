"""The kit itself: it passes what is right, and finds each of the faults that it is made to find."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from prip_core.testing.inbox_contract import InboxContract
from prip_core.testing.mission_contract import MissionContract
from prip_core.testing.storage_contract import StorageContract

HERE = Path(__file__).parent
KITS = [
    pytest.param("broken_storages.py", StorageContract, id="storages"),
    pytest.param("broken_inboxes.py", InboxContract, id="inboxes"),
    pytest.param("broken_missions.py", MissionContract, id="missions"),
]


@pytest.fixture(autouse=True)
def neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken missions import the good one that they are made from."""
    monkeypatch.syspath_prepend(str(HERE))


def failures(pytester: pytest.Pytester, nodes: list[str]) -> set[tuple[str, str]]:
    """Class and test of everything that failed in the test itself, not in its preparation."""
    apart = ["--basetemp", str(pytester.path / "of-tests"), "-p", "no:cacheprovider"]
    recorder = pytester.inline_run(*nodes, "--import-mode=importlib", *apart, "-q")
    reports = recorder.getreports("pytest_runtest_logreport")
    broken_set_ups = [report.nodeid for report in reports if report.failed and report.when != "call"]
    assert broken_set_ups == []
    failed = [report.nodeid.split("::") for report in reports if report.failed]
    return {(name, test.partition("[")[0]) for _, name, test in failed}


@pytest.mark.parametrize("file, contract", KITS)
def test_every_fault_is_found(pytester: pytest.Pytester, file: str, contract: type) -> None:
    faults = runpy.run_path(str(HERE / file))["FAULTS"]
    found = failures(pytester, [f"{HERE / file}::{name}::{test}" for name, test in faults])
    assert set(faults) - found == set()


@pytest.mark.parametrize("file, contract", KITS)
def test_every_test_of_a_contract_finds_a_fault(file: str, contract: type) -> None:
    faults = runpy.run_path(str(HERE / file))["FAULTS"]
    assert {test for _, test in faults} == {name for name in vars(contract) if name.startswith("test_")}


def test_a_good_mission_passes(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(
        """
        import pytest
        from toy_mission import TOY, ToyMission, build_toy
        from prip_core.testing.mission_contract import MissionContract

        class TestToyMission(MissionContract):
            @pytest.fixture
            def adapter(self):
                return ToyMission(ToyMission.Settings())

            @pytest.fixture
            def samples(self, tmp_path):
                return [(build_toy(tmp_path), TOY.code)]
        """
    )
    assert failures(pytester, [str(path)]) == set()


@pytest.mark.parametrize(
    "contract",
    ["storage_contract.StorageContract", "mission_contract.MissionContract", "inbox_contract.InboxContract"],
)
def test_a_contract_without_its_fixtures_does_not_pass(pytester: pytest.Pytester, contract: str) -> None:
    module, _, name = contract.partition(".")
    path = pytester.makepyfile(
        f"""
        from prip_core.testing.{module} import {name}

        class TestNothing({name}):
            pass
        """
    )
    recorder = pytester.inline_run(str(path), "-p", "no:cacheprovider", "-q")
    assert not [report for report in recorder.getreports("pytest_runtest_logreport") if report.when == "call"]
    assert recorder.ret != 0


def test_the_testing_package_needs_pytest_only_for_its_contracts() -> None:
    program = "import sys, prip_core.testing, prip_core.testing.packages; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
