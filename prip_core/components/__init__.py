"""Components: the loops that do the work of a delivery point."""
