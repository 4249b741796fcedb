"""Detectors: tracks to labels and score curves."""
