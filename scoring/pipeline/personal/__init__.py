"""What is one person's own: settings, the letter of the morning, and what tells them of tasks.

Import direction: digest <- chores, page; telling stands by itself.
"""
