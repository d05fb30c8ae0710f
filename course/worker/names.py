"""What the exercises' symbols are called in real answers. Who writes `bce_loss` has written `BCELoss`."""

import types
from typing import Any

from torch import nn
from torch.utils.data import Dataset

# In lower case, without underscores. Only names that can mean nothing else.
ALSO_CALLED = {
    "BCELoss": {"bceloss", "bce", "bcelogitsloss", "bcewithlogits", "bcewithlogitsloss", "binarycrossentropy"},
    "DiceLoss": {"diceloss", "softdiceloss", "softdice", "dicelossfunction", "binarydiceloss"},
    "FocalLoss": {"focalloss", "focal", "binaryfocalloss", "bcefocalloss", "focallossfunction", "sigmoidfocalloss"},
    "BCELoss_TotalVariation": {
        "bcelosstotalvariation",
        "bcetotalvariation",
        "bcetotalvariationloss",
        "bcetv",
        "bcetvloss",
        "bcelosstv",
        "bcewithtotalvariation",
        "bcelosswithtotalvariation",
    },
    "WeightedBCELoss": {"weightedbceloss", "weightedbce", "bcelossweighted", "weightedbinarycrossentropy", "wbceloss"},
    "CrossEntropyLoss": {"crossentropyloss", "crossentropy", "celoss", "multiclasscrossentropy"},
    "centered_penalty": {
        "centeredpenalty",
        "centredpenalty",
        "centerpenalty",
        "centeredloss",
        "centeredregularization",
    },
    "sparsity_penalty": {"sparsitypenalty", "sparsepenalty", "sparsityloss", "sparsityregularization", "sparsity"},
    "EncDec": {"encdec", "encoderdecoder", "encdecmodel", "encdecnet", "encoderdecodernet", "encoderdecodermodel"},
    "UNet": {"unet", "unetmodel", "unet1"},
    "UNet2": {"unet2", "unetv2", "unet2model", "unetstrided", "unetstride"},
    "DilatedNet": {"dilatednet", "dilatednetwork", "dilatedcnn", "dilatednetmodel", "dilatedconvnet", "dilatedfcn"},
    "PhC": {"phc", "phcdataset", "phcdata"},
    "Facade": {"facade", "facades", "facadedataset", "facadesdataset", "cmpfacade", "cmpfacadedataset"},
    "confusion_counts": {"confusioncounts", "confusion", "getconfusioncounts", "tpfpfntn", "countconfusion"},
    "pixel_accuracy": {"pixelaccuracy", "accuracy", "acc", "pixelacc", "accuracyscore"},
    "sensitivity": {"sensitivity", "recall", "truepositiverate", "tpr", "recallscore"},
    "specificity": {"specificity", "truenegativerate", "tnr", "specificityscore"},
    "iou": {"iou", "intersectionoverunion", "jaccard", "jaccardindex", "iouscore", "computeiou", "calculateiou"},
    "dice": {"dice", "dicecoefficient", "dicecoef", "dicescore", "diceoverlap", "computedice", "calculatedice", "dsc"},
    "ConfusionMatrix": {"confusionmatrix", "confmat", "confusionmatrixmetric"},
}

# What stands alone in its file: whatever else a class there is called, it can mean nothing else.
ALONE = {"EncDec", "DilatedNet", "PhC", "Facade"}


def folded(name: str) -> str:
    """Return a name as it is compared: in lower case, without underscores."""
    return name.lower().replace("_", "")


def another_name(wanted: str, module: types.ModuleType) -> str | None:
    """Return the one name under which a module has a symbol after all, None where there is none or a choice."""
    own = [name for name, value in vars(module).items() if _is_own(value, module)]
    for known in ({folded(wanted)}, ALSO_CALLED.get(wanted, set())):
        found = [name for name in own if folded(name) in known]
        if found:
            return found[0] if len(found) == 1 else None
    alone = _unused_classes([vars(module)[name] for name in own]) if wanted in ALONE else []
    return alone[0] if len(alone) == 1 and not _means_another(alone[0], wanted) else None


def _unused_classes(own: list[Any]) -> list[str]:
    """Return the names of networks and data sets that nothing else in a module uses, as its blocks and bases are."""
    classes = [value for value in own if isinstance(value, type) and issubclass(value, (nn.Module, Dataset))]
    used = {base.__name__ for value in classes for base in value.__mro__[1:]}
    for value in own:
        used |= {name for name in _names_in(value) if name != value.__name__}
    return [value.__name__ for value in classes if value.__name__ not in used]


def _names_in(value: Any) -> set[str]:
    """Return the names that the code of a function, or of a class's functions, uses."""
    functions = vars(value).values() if isinstance(value, type) else [value]
    waiting = [function.__code__ for function in functions if isinstance(function, types.FunctionType)]
    names: set[str] = set()
    while waiting:
        code = waiting.pop()
        names |= set(code.co_names)
        waiting += [inner for inner in code.co_consts if isinstance(inner, types.CodeType)]
    return names


def _means_another(name: str, wanted: str) -> bool:
    """Whether a name is that of another exercise's symbol."""
    return any(folded(name) in known for symbol, known in ALSO_CALLED.items() if symbol != wanted)


def _is_own(value: Any, module: types.ModuleType) -> bool:
    """Whether it is a class or function of the module's own: none that it has imported, and no object that it made."""
    return isinstance(value, (type, types.FunctionType)) and value.__module__ == module.__name__
