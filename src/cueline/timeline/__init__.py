"""The idea: spans, tracks, assets and records. numpy and the standard library only."""
