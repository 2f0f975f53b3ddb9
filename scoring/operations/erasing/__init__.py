"""The right to erasure: of a contact nothing stays but numbers that name nobody."""
