"""Files become contacts, companies, activities and deals.

Import direction: sources, convert <- mapping <- documents, lookups <- reading <- running <- jobs.
"""
