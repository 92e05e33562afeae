"""What happens around a training: saving, pictures, figures, the progress bar."""
