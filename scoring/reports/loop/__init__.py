"""From what was spent to what was sold: what the reports on campaigns and cohorts count."""
