"""The pages: thin functions from a request to an act or a page."""
