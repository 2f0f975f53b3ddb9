"""What a page asks, kept by people under a name: the same for every page that has such views."""
