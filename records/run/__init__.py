"""The operation itself: what is worked from, ticked, noted, stopped and compared, from the start to the closing."""
