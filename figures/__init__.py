"""What is shown: one file per figure, ``compute`` returns data and ``draw`` turns data into a figure.

`figures.registry` lists the figures and writes them as PDF, PNG and CSV.
"""
