"""Files in, passages out: discover, parse, split, and the pipeline that stores them."""
