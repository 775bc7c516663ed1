"""Covariance estimators: one file each."""
