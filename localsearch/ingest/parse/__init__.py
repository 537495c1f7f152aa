"""Bytes of one file in, documents out, in a sandboxed worker process."""
