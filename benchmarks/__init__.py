"""Benchmarks: exitjoin beside what one would take instead, in one run and on the same input.

    python -m benchmarks

Every comparison first checks that both programs compute the same thing, and fails if they do not.
"""
