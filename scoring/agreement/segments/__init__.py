"""The pages of segments: what each says, who is in it now, and what is done for all of them.

Import direction: desk <- bulk_pages, lists <- pages.
"""
