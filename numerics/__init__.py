"""What is computed: models, payoffs, moves and the coupled simulation."""
