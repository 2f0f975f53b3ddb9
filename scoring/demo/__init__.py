"""An invented company's year: people, what they did, and what was sold to them.

Every word is invented, and every address ends in .example, which nobody can own. The same
seed and anchor give the same data set.
"""
