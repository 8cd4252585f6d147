"""The way of a product from the inbox to the catalogue."""
