"""Measured speed. `python -m benchmarks` runs everything and writes docs/benchmarks.md and its part of the README."""
