"""What an operation record is, how it is written, read and run."""
