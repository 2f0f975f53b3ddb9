"""What the OpenAPI page says of each call: shapes, limits, answers and examples.

A module for each of what the API does, of the same name as that of its views.
"""
