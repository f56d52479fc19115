"""Writing a record: opening, saving, cloning and naming it, its people, and what is still missing."""
