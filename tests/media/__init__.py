"""Tests of cueline.media."""
