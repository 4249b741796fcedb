"""Where records are kept: in memory, or in a library on disk."""
