"""Pilots are planned, started, looked at and stopped here; the engine runs them."""
