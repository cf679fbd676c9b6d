"""The pages hold examples that are run; the modules that make pages are no tests."""

collect_ignore_glob = ["*.py", "generated/*", "_build/*", "generator/*"]
