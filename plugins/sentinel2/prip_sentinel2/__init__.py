"""The Sentinel-2 mission: names, metadata, footprints and quality rules of its products."""
