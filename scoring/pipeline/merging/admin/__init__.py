"""The pages of merging: who may be one person, two side by side, and the merges so far."""

from scoring.pipeline.merging.admin import compare, duplicates, merges, sections

__all__ = ["compare", "duplicates", "merges", "sections"]
