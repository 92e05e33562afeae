"""Generators and critics of the GAN papers, one file a paper."""
