"""``python -m corridors``: the command line."""

from corridors.cli.app import main

if __name__ == "__main__":
    main()
