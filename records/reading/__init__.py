"""A record as its readers see it: rendered, folded, compared, in brief, field by field."""
