"""What waits, who works, and what went wrong: the page for whoever runs the installation."""
