"""What students' exceptions mean, for those that come up every year: Python's words rarely say what to look at."""

import re

from course.grading.outcomes import Diagnosis

# Searched in this order in the text of the exception.
KNOWN = [
    (
        r"NVIDIA driver|not compiled with CUDA|\.cuda\(",
        "cuda-hard-coded",
        "A GPU is written into the code, and there is none here. Make new tensors on the device of the tensor that "
        "came in, `x.device`, and leave moving to who calls.",
    ),
    (
        r"numpy\(\) on Tensor that requires grad",
        "no-gradient",
        "The prediction is turned into a numpy array, through which no gradient finds its way back: stay with torch.",
    ),
    (
        r"should be between 0 and 1",
        "sigmoid-forgotten",
        "A function that expects probabilities gets logits, any real number: turn them into probabilities first, or "
        "take the function that expects logits.",
    ),
    (
        r"to have (\d+) channels, but got (\d+) channels",
        "channels-do-not-fit",
        "A convolution was made for another number of channels than it gets. `torch.cat` adds them up: 64 and 64 make "
        "128. Print the shapes before this line.",
    ),
    (
        r"before Module\.__init__\(\) call|has no attribute '_(modules|parameters|buffers|\w*hooks\w*)'",
        "super-init-missing",
        "`super().__init__()` must be the first line of the class's own `__init__`.",
    ),
    (
        r"returns NoneType instead",
        "return-missing",
        "`forward` ends without a `return`.",
    ),
    (
        r"Sizes of tensors must match except in dimension",
        "heights-do-not-fit",
        "Maps of different height or width cannot be concatenated: each skip belongs to the decoder's map of the same "
        "size. Print the shapes of both.",
    ),
    (
        r"is (called|used), but this package is not among those of the course",
        "package-missing",
        "The code needs a package that is not part of the course. Importing one costs nothing, using it does.",
    ),
    (
        r"Target \d+ is out of bounds",
        "ignored-label-not-ignored",
        "255 is no class: tell the loss that it is to be ignored. (PyTorch's own default is -100.)",
    ),
    (
        r"index \d+ is out of bounds|shape '\[.*\]' is invalid for input",
        "size-hard-coded",
        "A size is written into the code that these inputs do not have. Take it from the tensor's own shape.",
    ),
    (
        r"Dimension out of range",
        "axes-hard-coded",
        "An axis is written into the code that these tensors do not have: they have fewer. Count axes from the end, or "
        "leave them out.",
    ),
    (
        r"(with|on) a bool tensor is not supported",
        "bools-subtracted",
        "A mask of True and False cannot be subtracted, not even from 1: turn it round with `~`, or into "
        "numbers with `.float()` first.",
    ),
    (
        r"Input dtype must be either a floating point",
        "mean-without-floats",
        "Only floating point numbers have a mean: a mask of integers, or of True and False, goes through `.float()` "
        "first.",
    ),
    (
        r"(missing|takes) .*(positional|keyword)",
        "other-arguments",
        "It is called with the arguments that its specification names. Compare the parameters; what you add needs a "
        "default value.",
    ),
    (
        r"NameError|name '\w+' is not defined",
        "name-missing",
        "A name is used that nobody has defined: look for a misspelling, or an import that is missing in this file.",
    ),
    (
        r"has no attribute",
        "attribute-missing",
        "There is no such attribute: compare its name with those in `__init__`, letter by letter.",
    ),
    (
        r"must match the (existing )?size|size of tensor a|same size as",
        "shapes-do-not-fit",
        "Two tensors do not have shapes that go together. Print both just before this line.",
    ),
    (
        r"SyntaxError|IndentationError|TabError",
        "syntax",
        "Python cannot read the file: the error is in this line or just above it. Run `python -m py_compile` on it.",
    ),
    (
        r"in-place operation",
        "modifies-input",
        "Operations that end in an underscore, and `x[...] = `, change their input.",
    ),
]


def diagnosis_of(text: str) -> Diagnosis | None:
    """Return what the text of a student's exception means, None where that is not known."""
    found = ((name, sentence) for pattern, name, sentence in KNOWN if re.search(pattern, text))
    return next((Diagnosis(name, sentence) for name, sentence in found), None)
