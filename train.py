"""Train one model on one data set: the same as `gen-models train`, for a checkout."""

from gen_models.job import main

if __name__ == "__main__":
    main()
