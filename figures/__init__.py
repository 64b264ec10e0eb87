"""What is shown: one file per figure, ``compute`` returns data and ``draw`` turns data into a figure."""
