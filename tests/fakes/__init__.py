"""Servers that speak the protocols of providers that cannot be had here, down to their error bodies."""
