"""Parts that families are made of: growth, chains, palettes, spaces of other models, what a two-player game takes."""
