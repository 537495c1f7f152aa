"""Is the index what was written, and if not, how is it mended?"""
