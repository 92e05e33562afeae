import pytest
import torch
from torch import nn

from gen_models.networks.critics.heads import ClassifyingCritic, Critic, HasPredictions, ProjectionCritic
from gen_models.networks.mlp import MLPBody

X, Y = torch.randn(4, 3), torch.tensor([0, 1, 1, 0])


def body(classes=0):
    return MLPBody((3,), (5,), classes)


def test_the_projection_is_that_of_the_paper():
    critic = ProjectionCritic(body(), classes=2)
    features = critic.body(X)
    by_hand = [
        critic.head.weight[0] @ f + critic.head.bias[0] + critic.embed.weight[k] @ f
        for f, k in zip(features, Y, strict=True)
    ]
    torch.testing.assert_close(critic(X, Y), torch.stack(by_hand))


def test_without_classes_the_projection_critic_is_the_linear_one():
    torch.manual_seed(0)
    critic = Critic(body())
    torch.manual_seed(0)
    assert torch.equal(ProjectionCritic(body())(X), critic(X))


def test_a_classifying_critic_runs_its_body_once_for_both():
    critic = ClassifyingCritic(body(), classes=7)
    passes = []
    critic.body.register_forward_hook(lambda *_: passes.append(1))
    logits, class_logits = critic.logits_and_predictions(X, Y)
    assert len(passes) == 1
    assert isinstance(critic, HasPredictions)
    assert not isinstance(Critic(body()), HasPredictions)
    assert class_logits.shape == (4, 7)
    assert torch.equal(logits, critic(X, Y))
    assert torch.equal(class_logits, critic.classifier(critic.body(X)))


def test_a_classifying_critic_is_not_told_what_it_guesses():
    for told, classes in ((body(classes=2), 2), (body(), 0)):
        with pytest.raises(ValueError, match="needs data with classes, and a body that is not told"):
            ClassifyingCritic(told, classes)


@pytest.mark.parametrize("make", [Critic, ProjectionCritic, ClassifyingCritic])
def test_a_spectral_critic_bounds_every_weight(make):
    critic = make(body(), **({} if make is Critic else {"classes": 2}), spectral=True)
    with torch.no_grad():
        for weight in (p for p in critic.parameters() if p.ndim > 1):
            weight.mul_(9)
    for _ in range(100):
        critic(X, Y)
        if make is ClassifyingCritic:
            critic.classifier(critic.body(X))
    critic.eval()
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Linear | nn.Embedding)]
    assert len(layers) == (2 if make is Critic else 3)
    for layer in layers:
        assert torch.linalg.matrix_norm(layer.weight, 2).item() == pytest.approx(1, abs=1e-3)
