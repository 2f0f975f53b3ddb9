"""Questions to reports that people keep under a name."""
