"""Train one model on one data set: the same as `gen-models train`, for a checkout."""

import signal

if __name__ == "__main__":
    ours = signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the imports without a word
    from gen_models.launch import main

    signal.signal(signal.SIGINT, ours)
    main()
