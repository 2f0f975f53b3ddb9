"""Calls: who is to be called, one after another, and what came of it."""
