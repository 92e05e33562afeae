"""Heads of critics: what is read off the features of a body."""
