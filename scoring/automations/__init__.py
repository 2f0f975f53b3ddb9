"""What follows from a score: triggers, crossings, and the actions that they set off."""
