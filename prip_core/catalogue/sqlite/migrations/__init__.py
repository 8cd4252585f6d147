"""Every change of the schema, one numbered file each, applied in order and never edited after a release."""
