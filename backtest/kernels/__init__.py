"""Compiled loops: arrays, scalars and records in and out; no options, no strings, no pandas.

Each is also plain Python, and the suite runs once with the JIT off.
"""
