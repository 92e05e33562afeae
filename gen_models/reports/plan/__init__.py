"""What a training would take, before anything is bought: parameters, memory, arithmetic and hours."""
