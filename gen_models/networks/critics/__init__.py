"""Critics (discriminators): heads on the features of a body."""
