"""One file for each family of formats, and what they share."""
