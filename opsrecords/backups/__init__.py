"""The whole site as one file, and back: the database as it was at one moment, and the files beside it."""
