"""The pages of sales: what they work with every day."""
