"""What the exercises' symbols are called in real answers. Who writes `bce_loss` has written `BCELoss`."""

import types
from typing import Any

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
    "EncDec": {"encdec", "encoderdecoder", "encdecmodel", "encdecnet", "encoderdecodernet"},
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
    return None


def _is_own(value: Any, module: types.ModuleType) -> bool:
    """Whether a class or function is the module's own, and not one that it has imported."""
    return callable(value) and getattr(value, "__module__", None) == module.__name__
