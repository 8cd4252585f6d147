"""Sentinel-1 for the delivery point: recognises its products, reads their metadata, checks them."""
