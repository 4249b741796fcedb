"""Networks and other models: their arithmetic, and the files they are kept in."""
