"""What is certified: evidence for every claim, by routes that do not use the claim."""
