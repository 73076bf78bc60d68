from html.parser import HTMLParser

import pytest

from mmexplorer.labs.lab import Choice, Lab
from mmexplorer.labs.registry import all_labs
from mmexplorer.present.labs.sheet import sheet
from tests.support.fakes.stage import as_it_should

LABS = all_labs()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_handout_asks_and_doesnt_tell(lab: Lab) -> None:
    text = sheet(lab)
    assert text.startswith(f"# {lab.title}\n")
    assert text.count("\n## ") == len(lab.steps)
    assert "[[" not in text
    assert "{" not in text
    assert text.count("What was measured: ____") == len(lab.steps)
    for step in lab.steps:
        if isinstance(step.question, Choice):
            assert all(option.partition("[[")[0] in text for option in step.question.options)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_key_holds_what_happened(lab: Lab) -> None:
    text = sheet(lab, [as_it_should(step, None) for step in lab.steps])
    assert "____" not in text.replace("My prediction: ______________", "")
    assert text.count("passed: ") >= len(lab.steps)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs is not None
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_escaped() -> None:
    page = sheet(LABS[0], as_html=True)
    tags = _Tags()
    tags.feed(page)
    assert tags.open == []
    assert "<h2>1. " in page
