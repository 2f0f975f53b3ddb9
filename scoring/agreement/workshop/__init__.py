"""Where a band should begin: four ways to find out, and the reason for what was chosen.

Import direction: picture <- distribution; statistics <- table; choices <- picking <- page.
"""
