"""Estimators of expected returns: one file each."""
