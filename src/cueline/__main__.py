"""Runs the command line as `python -m cueline`."""

from cueline.cli import main

if __name__ == "__main__":
    main()
