"""Cueline: timed metadata on libraries of video and audio, found, measured and exported."""
