"""What Lontar remembers: the database. Every function takes a Session first; none commits; no Flask."""
