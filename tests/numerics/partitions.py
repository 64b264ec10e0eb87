"""All partitions of a small set, the slow obvious way, and names of parameters."""


def all_structures(n: int) -> list[list[list[int]]]:
    """Every partition of 0..n-1: put the last agent into each coalition of a smaller partition, or alone."""
    if n == 0:
        return [[]]
    found = []
    for smaller in all_structures(n - 1):
        for place in range(len(smaller)):
            found.append([[*c, n - 1] if k == place else list(c) for k, c in enumerate(smaller)])
        found.append([*map(list, smaller), [n - 1]])
    return found


def name_of(rule: object) -> str:
    """The parameter of a rule of acceptance."""
    names = {"BoundedConfidence": "acceptance.radius", "Capacity": "acceptance.members"}
    return names.get(type(rule).__name__, "acceptance.threshold")
