"""Fit: examples become models and detectors."""
