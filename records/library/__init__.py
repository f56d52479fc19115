"""The template library: templates as they come in, are edited, checked, and moved to."""
