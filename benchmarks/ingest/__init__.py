"""What ingest is measured by: rates, latency, recovery, and what it costs those who search meanwhile."""
