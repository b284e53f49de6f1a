"""One-line changes to the engine, each of which a test must notice: `make mutants`."""
