"""The page in a real browser: it asks this machine only, and does what hands and keys tell it."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from tests.conftest import composing
from tests.explore.browser import CHROMIUM, browser
from tests.explore.conftest import save, served

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]
PICTURE = "document.querySelector('.pane .picture img')?.src"
DRAWN = "!!document.querySelector('.pane .picture img')?.src && !document.querySelector('.stale')"
COMMAND = "document.querySelector('.pane code')?.textContent"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A game that is told the class, an autoencoder, a model that takes its time, and one with solvers."""
    folder = tmp_path_factory.mktemp("runs")
    models = (["cgan", "network=mlp"], ["vae", "network=mlp"], ["pixelcnn"], ["flow_matching", "model.steps=2"])
    with composing(folder) as compose:
        return [save(compose(f"model={name}", *rest, run=folder / name), folder / name) for name, *rest in models]


@pytest.fixture(scope="module")
def server(runs):
    """A server of them for all tests: it takes longer to start than a test takes."""
    with served(*runs) as (address, _):
        yield address


@pytest.fixture
def page(server, tmp_path):
    """Their page, which has asked nobody else when the test is over."""
    with opened(server, tmp_path) as page:
        yield page


@contextmanager
def opened(address, folder):
    with browser(folder) as page:
        page.address = address
        page.go(address)
        page.until(DRAWN)
        yield page
        hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith(("data:", "about:"))}
        assert hosts == {urlsplit(address).netloc}


def moved(selector, value):
    """Move a slider, as a hand does."""
    return f"(e => {{ e.value = {value}; e.dispatchEvent(new Event('input')); }})(document.querySelector('{selector}'))"


def test_sliders_change_pictures_and_the_address_keeps_them(page):
    before = page.value(PICTURE)
    page.value(moved("[aria-label=seed]", 7))
    page.until(f"{PICTURE} !== {before!r} && {DRAWN}")
    assert "--seed 7" in page.value(COMMAND)
    assert "seed=7" in page.value("location.hash")
    after = page.value(PICTURE)
    page.go("about:blank")
    page.go(page.address + "#seed=7")
    page.until(DRAWN)
    assert page.value(PICTURE) == after
    assert not page.complaints


def test_a_slider_is_answered_within_half_a_second(page):
    page.value("performance.mark('now')")
    page.value(moved("[aria-label=seed]", 3))
    page.until(f"{COMMAND}.includes('--seed 3') && {DRAWN}", seconds=0.5)


def test_what_a_run_lacks_is_said(page):
    assert "settings of sampling: needs a model whose sampling has settings" in page.value("controls.textContent")
    page.value("document.getElementById('tab-complete').click()")
    page.until("panes.textContent.includes('it would take a model that completes samples')")
    page.until("panes.querySelectorAll('a').length === 2")
    assert page.value("panes.querySelector('p[role=status]').textContent").startswith("These runs can: pixelcnn on")
    page.value("panes.querySelector('a').click()")
    page.until(f"location.hash.includes('run=2') && {DRAWN} && {COMMAND}?.startsWith('gen-models complete')")
    page.value("document.getElementById('tab-mix').click()")
    page.until("panes.textContent.includes('None of the other runs can.')")


def test_two_samples_are_walked_between_and_neighbours_are_found(page):
    page.value("document.querySelectorAll('.cells button')[2].focus()")
    page.until("document.querySelector('.near').textContent.includes('training items, in pixels')")
    page.value("document.getElementById('tab-codes').click()")
    page.until(f"{DRAWN} && location.hash.includes('codes')")
    for place in (1, 4):
        page.until(DRAWN)
        page.value(f"document.querySelectorAll('.cells button')[{place}].click()")
    page.until("[...document.querySelectorAll('code')].some(one => one.textContent.includes('--between 1,4'))")


def test_keys_go_through_the_views(page):
    page.value("document.getElementById('tab-samples').focus()")
    page.press("ArrowRight")
    page.until("document.activeElement.id === 'tab-steps'")
    page.until("panes.textContent.includes('it would take a model whose sampling has steps to look at')")


def test_two_runs_stand_side_by_side_on_one_seed(page):
    page.go(page.address + "#beside=1&seed=5")
    page.until("document.querySelectorAll('.pane code').length === 2")
    commands = page.value("[...document.querySelectorAll('.pane code')].map(one => one.textContent)")
    assert all("--seed 5" in command for command in commands)


def test_a_training_is_played_in_the_page(page):
    page.go(page.address + "#view=live&kind=moons")
    page.until("document.querySelectorAll('form button').length === 3")
    page.value("document.querySelectorAll('form button')[0].click()")
    page.until("panes.textContent.includes('Turn 0.')", seconds=60)
    page.value("document.querySelectorAll('form button')[2].click()")
    page.until("panes.textContent.includes('Turn 1.')")
    page.value("document.getElementById('play').click()")
    page.until(f"{COMMAND}.match(/turns=(\\d+)/)[1] > 20")
    page.value("document.getElementById('play').click()")
    page.until("document.getElementById('play').textContent === 'Play'")
    assert not page.complaints


def test_a_theorem_is_played_in_the_page(page):
    page.go(page.address + "#view=live&theory=optimal_critic")
    page.until("!!document.getElementById('begin')")
    page.value("document.getElementById('begin').click()")
    page.until("panes.textContent.includes('Turn 0 of 2,000.') && !!document.querySelector('.plot').src", seconds=60)
    assert "closed form0.8262" in page.value("panes.textContent")
    assert page.value(COMMAND) == "gen-models train experiment=theory/optimal_critic seed=1"
    before = page.value("document.querySelector('.plot').src.length")
    page.value("document.getElementById('turn').click()")
    page.until("panes.textContent.includes('Turn 1 of 2,000.')")
    assert before > 10_000
    assert not page.complaints


def test_a_distribution_is_drawn_with_keys_and_velocities_are_shown(page):
    page.go(page.address + "#view=live&model=flow_matching&kind=drawn")
    page.until("!!document.getElementById('sketch')")
    page.value("document.getElementById('sketch').focus()")
    for key in (" ", "ArrowRight", "ArrowUp", " "):
        page.press(key)
    assert page.value("JSON.parse(new URLSearchParams(location.hash.slice(1)).get('strokes'))") == [
        [[0, 0]],
        [[0.1, 0.1]],
    ]
    page.value("document.getElementById('begin').click()")
    page.until("panes.textContent.includes('arrows: the velocity there')", seconds=60)
    assert page.value("!!document.querySelector('a[download=\"drawn.npy\"]')")
    page.value(moved("#f-stage", 0))
    page.until("panes.textContent.includes('at time 0.00')")
    assert "stage=0" in page.value("location.hash")


def test_a_mask_is_painted_with_keys(page):
    page.go(page.address + "#run=3&view=complete&masked=true&n=2&tries=1")
    page.until(f"!!document.getElementById('brush') && {DRAWN}")
    assert "--mask mask.png" in page.value(COMMAND)
    before = page.value(PICTURE)
    page.value("document.getElementById('brush').focus()")
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", " "):
        page.press(key)
    page.until(f"location.hash.includes('mask=') && {DRAWN} && {PICTURE} !== {before!r}")
    page.value("[...document.querySelectorAll('form a')].find(one => one.download === 'mask.png').click()")
    assert page.value("document.querySelector('form a').href").startswith("data:image/png;base64,")
    assert not page.complaints


def test_a_solver_is_chosen_beside_the_picture(page):
    page.go(page.address + "#run=3&n=2")
    page.until("panes.textContent.includes('2 evaluations of the network for each sample')")
    choose = "(e => { e.value = 'rk4'; e.dispatchEvent(new Event('change')); })"
    page.value(f"{choose}(document.getElementById('f-settings-solver'))")
    page.until("panes.textContent.includes('8 evaluations of the network for each sample')")
    assert "--way solver=rk4" in page.value(COMMAND)


def test_a_long_drawing_is_stopped(page):
    page.go(page.address + "#run=2&n=5000")
    page.until("/drawing, [.0-9]+ s/.test(panes.textContent)")
    page.value("document.querySelector('.wait button').click()")
    page.until("panes.textContent.includes('Stopped')", seconds=5)
    assert not page.value(PICTURE)


def test_errors_are_shown(page):
    page.go(page.address + "#truncated=true&limit=-1")
    page.until("document.querySelector('[role=alert]')?.textContent.includes('greater than 0')")


def test_a_server_that_has_ended_is_said(runs, tmp_path):
    with served(runs[0]) as (address, process), opened(address, tmp_path) as page:
        process.terminate()
        process.wait(20)
        page.value(moved("[aria-label=seed]", 9))
        page.until("document.querySelector('[role=alert]')?.textContent.includes('does not answer')")


def test_a_narrow_screen_is_enough(page):
    page.view(400, 800, dark=True)
    for view in ("samples", "codes", "directions", "mix", "map", "live"):
        page.go(page.address + f"#run=1&view={view}")
        shown = "(!!document.querySelector('.pane img, .pane canvas') || panes.textContent.includes('it would take'))"
        page.until(f"{shown} && !document.querySelector('.stale')")
        assert page.value("document.documentElement.scrollWidth") <= 400, view
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(22, 23, 25)"
