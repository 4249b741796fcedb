"""Tests on real media, where they are at hand."""
