"""Take away from an encoder what it needs least: single weights, neurons, heads, layers, words."""
