"""What a record holds: its rows as a document and back, the facts read off it, and the bytes that are frozen."""
