"""Oracles: brute force from the definitions in exact rational arithmetic, standard library only.

They import neither the derived formulas nor the compiled code that they are compared with.  Slow and
obvious is the point.  Most functions work on any numbers with exact ``+ - * /``: `fractions.Fraction`
first of all.
"""
