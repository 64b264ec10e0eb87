"""A sweep in a process of its own, for tests that kill it: python program.py OUT EXECUTOR COSTS RUNS."""

import sys
from contextlib import nullcontext

import numpy as np

import exitjoin as ej

MODEL = ej.Model(opinions=ej.normal(10), performance="-u**2", acceptance="unanimous")


def over(costs):
    """The axes: so many costs, and 10 thresholds."""
    return {"switching_cost": np.linspace(-0.05, 0.5, costs), "acceptance.threshold": np.linspace(-0.05, 0.5, 10)}


def cluster(executor):
    """A Dask client of a scheduler's address, nothing for the name of an executor."""
    if not executor.startswith("tcp://"):
        return nullcontext(None)
    from distributed import Client

    return Client(executor)


if __name__ == "__main__":
    out, executor, costs, runs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with cluster(executor) as client:
        chosen = client.get_executor() if client else executor
        print("ready", flush=True)
        try:
            ej.sweep(MODEL, over(costs), runs, 5, max_steps=200, out=out, executor=chosen, workers=2)
        except ej.InputError as error:
            sys.exit(str(error))
    print("done", flush=True)
