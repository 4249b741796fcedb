"""Extractors: pictures or sound of an asset to numbers over time."""
