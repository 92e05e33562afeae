"""The contract of a generative model and the one engine that trains them all."""
