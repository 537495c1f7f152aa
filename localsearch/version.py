"""The package's version, read by the build and by `localsearch --version`."""

__version__ = "0.1.0"
