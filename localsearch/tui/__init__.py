"""The terminal application: type, see, refine, read around it, open it."""
