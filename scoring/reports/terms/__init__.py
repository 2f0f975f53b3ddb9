"""What both teams promise each other: goals, the words for them, and both signatures."""
