"""What the reports add to the first page: a few pictures for each role, each with its report."""
