"""The command line: every command prints what a function of the library returns."""
