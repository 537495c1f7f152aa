"""Which of all the ways to make an encoder smaller suits a device? They are tried, measured and held against it."""
