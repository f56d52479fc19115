"""Records and accounts as files: what comes in and what goes out."""
