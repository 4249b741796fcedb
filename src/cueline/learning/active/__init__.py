"""Active learning: which clips to ask people about next, and when to stop."""
