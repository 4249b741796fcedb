"""Reading files: probe, the one decode pass, sound, thumbnails, supervised workers."""
