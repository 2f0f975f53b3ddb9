"""Who agreed to what: criteria are edited, tried, proposed, signed by both sides, and go live."""
