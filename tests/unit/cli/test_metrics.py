"""``prip metrics``: what was done is counted, what waits is looked up."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families


def samples(instance: Any) -> dict[tuple[str, ...], float]:
    """Values by name and the values of labels."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(instance.done("metrics"))
        for sample in family.samples
    }


def test_what_waits_is_looked_up(instance: Any) -> None:
    instance.config.write_text(instance.config.read_text() + '\n[plugins.journal]\npath = "rejected.ndjson"\n')
    (instance.inbox / "refused.bin").write_bytes(b"what is this")
    instance.done("ingest", "--once")
    (instance.inbox / "waits.bin").write_bytes(b"what is this")
    found = samples(instance)
    assert found["prip_queue_depth", "ingest:inbox"] == 1
    assert found["prip_queue_depth", "work:inbox"] == 0
    assert found["prip_queue_depth", "parent:inbox"] == 0
    assert found["prip_queue_depth", "plugin:journal"] == 1
    assert found["prip_quarantine_products", "inbox"] == 1
    assert found["prip_inbox_paused", "inbox"] == 0
    assert found["prip_outbox_dead",] == 0
    assert found["prip_clock_trusted",] == 1
    (instance.inbox / ".paused").write_text("there is no room")
    assert samples(instance)["prip_inbox_paused", "inbox"] == 1
    instance.done("dispatch", "--once")
    assert ("prip_queue_depth", "plugin:journal") not in samples(instance)
