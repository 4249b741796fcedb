"""Measures as plain functions on arrays."""
