"""Published versions of the bank holidays, one file each. Files are added, never edited or removed."""
