"""All structures at once: the atlas of critical costs, and the improvement graph between structures."""
