"""What Lontar shows: Flask views that read the request, call one function, commit and answer."""
