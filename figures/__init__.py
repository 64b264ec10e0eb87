"""What is shown: one file per figure, ``compute`` returns data and ``draw`` turns data into a figure.

`figures.registry` lists the figures, `figures.writing` writes them as PDF, PNG and CSV.
"""
