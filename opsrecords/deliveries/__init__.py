"""The senders of what must leave, and the worker's task that finds what is due."""
