"""Contacts that are one person: who may be, side by side, merged, and apart again."""
