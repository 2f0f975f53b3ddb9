"""The crash run: see docs/chaos.md."""
