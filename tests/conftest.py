"""What holds for the whole run of the tests."""

import gc


def pytest_collection_finish() -> None:
    """Keep the collector from going through all modules and tests again and again: they stay to the end."""
    gc.collect()
    gc.freeze()
