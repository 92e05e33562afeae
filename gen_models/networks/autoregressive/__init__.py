"""Networks that see only what comes before, and their samplers that remember."""
