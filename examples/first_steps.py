# %% [markdown]
# # First steps
#
# Train generative models on handwritten digits of 8×8 pixels, look at what they draw, and set two of them side by side.
# About a minute on a processor; nothing is downloaded.

# %%
import gen_models

# %% [markdown]
# ## Train
#
# Options are those of the command line: `model="vae"` is `model=vae` there, and every training leaves the same run
# directory. A turn is one batch.

# %%
vae = gen_models.train(model="vae", data="digits", metrics="classifier", turns=300)
vae

# %% [markdown]
# ## Samples
#
# As tensors in [-1, 1], as NumPy arrays of bytes, or as pictures; a batch at a time, so that thousands are no trouble.

# %%
digits = vae.samples(1000, kind="numpy")
print(digits.shape, digits.dtype)
vae.picture(32)

# %% [markdown]
# ## Data of your own
#
# Arrays, tensors or a torch Dataset, with labels or without. Here they are scikit-learn's digits again, as floats in
# [0, 1].

# %%
from sklearn.datasets import load_digits

pixels, labels = load_digits(return_X_y=True)
images = (pixels / 16).reshape(-1, 8, 8)
mine = gen_models.train(["model=cvae", "metrics=classifier"], data=(images, labels), turns=300)
mine.samples(4, y=7, kind="pil")[0].resize((128, 128))

# %% [markdown]
# ## Compare
#
# A GAN on the same data as the first run. Every figure comes with what real data scores in the model's place, and an
# untrained model.

# %%
gan = gen_models.train(model="sngan", data="digits", metrics="classifier", turns=300)
gen_models.compare([vae, gan])

# %% [markdown]
# ## Come back later
#
# A run is its directory, whoever made it. Named again with more turns, it goes on where it stopped.

# %%
same = gen_models.Run(vae.path)
print(same)
longer = gen_models.train(model="vae", data="digits", metrics="classifier", turns=400, run=same.path)
print(longer.model.clock.turn)
