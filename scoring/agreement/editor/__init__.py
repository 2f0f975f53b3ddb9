"""The criteria editor: the draft of a model as cards that read as sentences.

Import direction: words, activity_part <- rule_form <- cards <- desk <- rules <- groups <-
part_forms <- parts, numbers, success, suggestions, beginning <- page.
"""
