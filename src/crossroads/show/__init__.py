"""What people see in a terminal: verdicts, effects, explanations, as tables, bars and words.

Text of a dossier passes through ``text.plain`` and is never read as markup.
"""
