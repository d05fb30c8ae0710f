"""The code that differs: the mistake stands out, and nothing else."""

from course.demo.difference import difference
from course.grading.bank import load_bank

MISTAKES = [answer for answer in load_bank() if answer.verdict == "mistake"]


def changed(task, name):
    answer = next(a for a in MISTAKES if (a.task, a.name) == (task, name))
    lines = difference(answer)
    return [[line.text.strip() for line in lines if line.kind == kind] for kind in ("minus", "plus")]


def test_every_mistake_differs_in_some_line():
    for answer in MISTAKES:
        kinds = {line.kind for line in difference(answer)}
        assert kinds & {"minus", "plus"}, f"{answer.task} {answer.name}"


def test_a_forgotten_sigmoid_is_what_is_seen():
    minus, plus = changed("2.1", "sigmoid-forgotten")
    assert any("torch.sigmoid(y_pred)" in line for line in minus)
    assert not any("sigmoid" in line for line in plus)


def test_what_is_done_to_the_whole_network_s_output_is_one_line():
    minus, plus = changed("3.1", "ends-in-sigmoid")
    assert minus == []
    assert plus[-1] == "return torch.sigmoid(super().forward(x))"


def test_a_layer_that_is_called_twice_stands_out():
    minus, plus = changed("1.3", "layer-called-twice")
    assert len(minus) <= 2 and any(line.count("self.enc_conv1") == 2 for line in plus)


def test_there_are_no_docstrings_comments_or_names_of_the_bank():
    for answer in MISTAKES:
        text = [line.text for line in difference(answer) if line.kind != "gap"]
        assert not any('"""' in line or "#" in line for line in text), answer.name
        assert all(f"({answer.symbol})" not in line for line in text), answer.name
