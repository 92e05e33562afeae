"""What theory says of a game on a line, beside what training does."""
