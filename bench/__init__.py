"""Benchmarks: ratios against a floor measured in the same run. `docs/benchmarks.md` says what each one means."""
