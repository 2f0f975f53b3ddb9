"""The criteria editor: the draft of a model as cards that read as sentences.

Import direction: words, activity_part, forms <- cards <- desk <- rules, groups, parts, beginning
<- page.
"""
