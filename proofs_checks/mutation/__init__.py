"""A mutation run: damage one sign or one constant of `theory`, and see whether verification fails.

- `mutants` makes the damaged modules, one change each: `places` are where, `edits` what;
- `probes` are the checks and tests that may notice, with the lines of `theory` each of them runs;
- `run` tries the mutants, each in a process of its own (`forked`), `summary` counts;
- `equivalents` lists the changes that change no result, with the reason for each.

    python -m proofs_checks.mutation --module theory.gain
"""
