"""Running a site: serving, backups, health, demonstration data. No Flask; called by the command line alone."""
