"""Exact solvers for what allocation methods ask for."""
