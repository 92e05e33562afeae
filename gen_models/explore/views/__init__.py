"""What the page can show: a file for each kind of question, which asks a model by its abilities only."""
