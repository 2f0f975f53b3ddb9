"""An app with one chore, for tests that start real workers."""
