"""Takes out of a file, in the jail, what the antivirus does not find in it by itself."""
