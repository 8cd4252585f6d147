"""What processes count is there for others, whole, also after they were killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from prip_core.metrics import FOLDER, Metrics, exposition, forget, recording

COUNTING = """
    import os, signal, sys
    from pathlib import Path
    from prip_core.metrics import recording

    block = recording(Path(sys.argv[1]), "ingest")
    metrics = block.__enter__()
    for _ in range(3):
        metrics.published("sentinel2", "MSI_L1C_TL", 1000)
    metrics.steps({"store": 0.2, "publish": 0.002})
    metrics.rejected("QC-11")
    metrics.rejected("")
    metrics.outcome("published")
"""


def count(folder: Path, then: str = "") -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent(COUNTING) + textwrap.dedent(then)
    return subprocess.run(
        [sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False, timeout=60
    )


def samples(text: str) -> dict[tuple[str, str], float]:
    """Value by name and labels."""
    return {
        (sample.name, ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_processes_count_adds_up(tmp_path: Path) -> None:
    for _ in range(2):
        assert count(tmp_path).returncode == 0
    found = samples(exposition(tmp_path, []))
    assert found["prip_products_published_total", "mission=sentinel2,type=MSI_L1C_TL"] == 6
    assert found["prip_bytes_published_total", ""] == 6000
    assert found["prip_rejected_total", "rule=QC-11"] == 2
    assert found["prip_rejected_total", "rule=none"] == 2
    assert found["prip_ingest_outcomes_total", "outcome=published"] == 2
    assert found["prip_stage_seconds_count", "stage=store"] == 2
    assert found["prip_stage_seconds_bucket", "le=0.1,stage=store"] == 0
    assert found["prip_stage_seconds_bucket", "le=0.3,stage=store"] == 2
    assert abs(found["prip_stage_seconds_sum", "stage=publish"] - 0.004) < 1e-9


def test_it_is_there_when_a_process_was_killed(tmp_path: Path) -> None:
    assert count(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)").returncode == -signal.SIGKILL
    assert samples(exposition(tmp_path, []))["prip_bytes_published_total", ""] == 3000


def test_a_dead_process_is_followed_in_its_file_and_one_beside_it_has_its_own(tmp_path: Path) -> None:
    for _ in range(3):
        count(tmp_path)
    assert [path.name for path in (tmp_path / FOLDER).glob("*.lock")] == ["ingest-0.lock"]
    beside = f"""
        import subprocess
        if len(sys.argv) == 2:
            subprocess.run([sys.executable, "-c", {textwrap.dedent(COUNTING)!r}, sys.argv[1]], check=True)
    """
    assert count(tmp_path, beside).returncode == 0
    assert {path.name for path in (tmp_path / FOLDER).glob("*.lock")} == {"ingest-0.lock", "ingest-1.lock"}
    assert samples(exposition(tmp_path, []))["prip_bytes_published_total", ""] == 15_000


def test_all_begins_at_zero_but_for_those_that_run(tmp_path: Path) -> None:
    count(tmp_path)
    forget(tmp_path)
    assert samples(exposition(tmp_path, [])) == {}
    still_there = """
        from prip_core.metrics import exposition, forget
        forget(Path(sys.argv[1]))
        assert "3000" in exposition(Path(sys.argv[1]), [])
    """
    assert count(tmp_path, still_there).returncode == 0
    forget(tmp_path / "absent")


def test_a_spoilt_file_is_passed_over_and_replaced(tmp_path: Path) -> None:
    count(tmp_path)
    (spoilt,) = (tmp_path / FOLDER).glob("counter_*.db")
    content = spoilt.read_bytes()
    for damage in (b"", b"\xff\xff\xff\x7f" + content[4:], content[:8] + b"\xff" * 5000 + content[5008:]):
        spoilt.write_bytes(damage)
        assert "prip_stage_seconds_count" in exposition(tmp_path, [])
        assert "prip_bytes_published" not in exposition(tmp_path, [])
        assert count(tmp_path).returncode == 0
        assert samples(exposition(tmp_path, []))["prip_bytes_published_total", ""] == 3000


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_bytes(b"a file in its place")
    counted = count(tmp_path, "assert metrics.registry.get_sample_value('prip_bytes_published_total') == 3000")
    assert counted.returncode == 0, counted.stderr
    assert "metrics not shared" in counted.stdout + counted.stderr
    assert exposition(tmp_path, []) == ""


def test_one_process_may_record_here_then_there(tmp_path: Path) -> None:
    for name in ("here", "there", "here"):
        (tmp_path / name).mkdir(exist_ok=True)
        with recording(tmp_path / name, "ingest") as metrics:
            metrics.published("sentinel1", "IW_SLC__1S", 7)
    assert samples(exposition(tmp_path / "here", []))["prip_bytes_published_total", ""] == 14
    assert samples(exposition(tmp_path / "there", []))["prip_bytes_published_total", ""] == 7
    assert [path.name for path in (tmp_path / "here" / FOLDER).glob("*.lock")] == ["ingest-0.lock"]


def test_without_a_folder_a_process_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.published("sentinel1", "IW_SLC__1S", 7)
    labels = {"mission": "sentinel1", "type": "IW_SLC__1S"}
    assert one.registry.get_sample_value("prip_products_published_total", labels) == 1
    assert other.registry.get_sample_value("prip_products_published_total", labels) is None
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_a_full_disk_stops_nobody_and_kills_nobody(tmp_path: Path) -> None:
    """A file that is mapped without room behind it would kill the process with a signal."""
    limited = """
        import resource, sys
        from pathlib import Path
        from prip_core.metrics import recording
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with recording(Path(sys.argv[1]), "ingest") as metrics:
            metrics.published("sentinel1", "IW_SLC__1S", 7)
            metrics.steps({"store": 0.1})
            assert metrics.registry.get_sample_value("prip_bytes_published_total") == 7
    """
    program = textwrap.dedent(limited)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "metrics not shared" in done.stdout + done.stderr
    count(tmp_path)
    for file in (tmp_path / FOLDER).glob("*.db"):
        assert file.stat().st_blocks * 512 >= file.stat().st_size
