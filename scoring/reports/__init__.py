"""What both teams look at together: every measure defined, every figure opened into its leads."""
