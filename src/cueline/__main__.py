"""Runs the command line as `python -m cueline`."""

from cueline.cli.app import main

if __name__ == "__main__":
    main()
