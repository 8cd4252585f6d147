"""A folder of a local or network file system as the storage of a delivery point."""
