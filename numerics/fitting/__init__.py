"""From observed opinions to a model: reading logs, fitting influence, writing a scenario."""
