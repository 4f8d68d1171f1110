"""Which network, or another model? Sweeps, comparisons, curves, tuning."""
