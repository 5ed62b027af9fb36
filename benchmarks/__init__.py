"""Committed measurements: each program prints what it measured, with seeds and intervals."""
