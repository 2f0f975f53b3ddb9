"""What salespeople doubt about the score of single leads, gathered by rule and answered.

Import direction: answering <- pages.
"""
