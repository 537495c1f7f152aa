"""The compression workshop: the only place that imports torch."""
