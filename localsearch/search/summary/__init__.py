"""A document, a folder or the hits of a query in a few of their own sentences."""
