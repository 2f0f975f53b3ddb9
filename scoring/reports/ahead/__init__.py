"""The coming weeks: what a forecast rests on, how it is told, and how earlier ones turned out."""
