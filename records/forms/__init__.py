"""Forms: from what was posted to the values that acts take."""
