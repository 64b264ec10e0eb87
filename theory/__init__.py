"""What is true: exact symbolic derivations, and the claims as data.

Imports sympy and the standard library only.
"""
