"""Networks of tokenisers: from pictures to smaller maps of vectors, and back."""
