"""What a worker may take of a GPU that others use beside it."""

from functools import cache

import torch

from course.sandbox.limits import GIB, GPU_MEMORY

NO_GPU_MEMORY = (
    f"A check may have {GPU_MEMORY // GIB} GB of the GPU's memory, or what there is: that is too little for a batch of "
    "{}. The maps are too many or too large."
)


@cache
def cap_memory() -> None:
    """Let this process have `GPU_MEMORY` bytes of the GPU, or all where there are fewer.

    To ask for more raises torch.OutOfMemoryError, as on a smaller GPU, and disturbs nobody else.
    """
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(min(1.0, GPU_MEMORY / total))
