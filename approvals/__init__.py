"""Who decides, and how: rules, signatures, review."""
