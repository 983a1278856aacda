"""Every setting of Lontar: one attribute, its meaning on the line beneath, its environment variable `LONTAR_<NAME>`."""
