"""Demo content that a person enjoys: people, and records in every state, made by the acts themselves."""
