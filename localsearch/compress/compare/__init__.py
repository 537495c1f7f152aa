"""Encoders side by side, measured in one run on this machine. Needs no torch."""
