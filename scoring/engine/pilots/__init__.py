"""A version that is tried for some leads beside the one that is live."""
