"""One build of the site for all tests of this folder that look at it."""

from pathlib import Path

import pytest

from course.site.build import build


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site without results of notebooks, as a fresh clone builds it."""
    out = tmp_path_factory.mktemp("site") / "pages"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.site.results.KEPT", out.parent / "none")
        build(out, False, lambda text: None)
    return out
