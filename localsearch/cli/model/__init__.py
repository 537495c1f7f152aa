"""`localsearch model`: the encoders, and the workshop that makes them."""
