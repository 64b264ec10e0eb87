"""Sweeps: a grid of parameters times seeds, on any executor, resumable, refined where the regime changes.

`sweep.sweep` is the public function.  Below it: `axes` (names and values), `plan` (what is computed, as data), `cells`
(what a worker does), `execution` (executors), `folder` (what is kept on disk), `results` and `dataset` (labelled
arrays), `refinement`, and `sweep_file` (sweeps as TOML).
"""
