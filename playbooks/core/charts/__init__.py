"""Geometry of further pictures, beside plot.py. Pure: values in, coordinates out."""
