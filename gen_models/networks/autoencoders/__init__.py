"""Encoders and decoders of the autoencoder papers, one file a paper."""
