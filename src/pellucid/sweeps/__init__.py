"""Settings varied one by one or together, and what comes of them."""
