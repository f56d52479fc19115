"""The floor: a bare Django application on the same data, behind the same middleware."""
