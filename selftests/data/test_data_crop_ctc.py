"""Raw recordings cut into single-cell pairs, against regions that are known beforehand."""

import csv

import numpy as np
import pytest
from PIL import Image
from skimage.measure import regionprops

from course.data.crop_ctc import crop_recordings, find_frames
from course.errors import CourseError
from course.paths import DATA, ROOT

REAL = ROOT.parent / "shared" / "data" / "ctc_phc_psc"


def save(array, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def raw(tmp_path):
    """Two recordings of 60x80 with two rectangles each, 16 bits; one more cell touches the border."""
    for name, shift in (("01", 0), ("02", 3)):
        for time in (0, 2):
            ids = np.zeros((60, 80), np.uint16)
            ids[10 + shift : 20 + shift, 12:30] = 5
            ids[30 : 42 + time, 50:61] = 9
            ids[0:4, 70:80] = 11
            image = (1000 + 100 * ids + np.arange(80, dtype=np.uint16)).astype(np.uint16)
            save(image, tmp_path / "raw" / name / f"t{time:03d}.tif")
            save(ids, tmp_path / "raw" / f"{name}_GT" / "SEG" / f"man_seg{time:03d}.tif")
    return tmp_path / "raw"


def table(out, split):
    with (out / split / "sequences.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def read(out, split, number):
    image = np.asarray(Image.open(out / split / "images" / f"img_{number:05d}.jpg"))
    return image, np.asarray(Image.open(out / split / "labels" / f"label_{number:05d}.png"))


def test_crops_lie_where_the_cells_are(raw, tmp_path):
    out = tmp_path / "out"
    assert crop_recordings(raw, out, margin=4) == {"train": 4, "test": 4}
    image, mask = read(out, "train", 0)
    expected = np.zeros((18, 26), np.uint8)
    expected[4:14, 4:22] = 255
    np.testing.assert_array_equal(mask, expected)
    assert image.shape == (18, 26, 3)
    assert mask.dtype == np.uint8
    inside, outside = image[5:13, 6:20].mean(), image[:2].mean()
    assert inside > 100 + outside, "the image is cut out where the mask is"
    assert read(out, "train", 3)[1].shape == (14 + 8, 11 + 8)
    assert read(out, "test", 0)[1].shape == (18, 26)


def test_whole_recordings_go_to_one_side(raw, tmp_path):
    crop_recordings(raw, tmp_path / "out", test="01")
    assert {row["sequence"][:2] for row in table(tmp_path / "out", "train")} == {"02"}
    assert {row["sequence"][:2] for row in table(tmp_path / "out", "test")} == {"01"}


def test_without_tracks_every_frame_is_a_sequence(raw, tmp_path):
    crop_recordings(raw, tmp_path / "out")
    assert [(row["sequence"], row["frame"]) for row in table(tmp_path / "out", "train")] == [
        ("01-t000", "0"), ("01-t000", "0"), ("01-t002", "2"), ("01-t002", "2"),
    ]  # fmt: skip


def test_with_tracks_a_cell_and_its_daughters_are_a_sequence(raw, tmp_path):
    """SEG numbers mean nothing here: TRA calls cell 5 number 1, cell 9 first 2 and, as its daughter, 3."""
    for time, later in ((0, 2), (2, 3)):
        marks = np.zeros((60, 80), np.uint16)
        marks[13:16, 15:20] = 1
        marks[33:36, 53:56] = later
        save(marks, raw / "01_GT" / "TRA" / f"man_track{time:03d}.tif")
    (raw / "01_GT" / "TRA" / "man_track.txt").write_text("1 0 2 0\n2 0 1 0\n3 2 2 2\n")
    crop_recordings(raw, tmp_path / "out")
    assert [row["sequence"] for row in table(tmp_path / "out", "train")] == ["01-c001", "01-c002"] * 2


def test_bytes_are_kept_and_sixteen_bits_are_stretched(raw, tmp_path):
    crop_recordings(raw, tmp_path / "deep", margin=0)
    assert read(tmp_path / "deep", "train", 1)[0].mean() > 200
    for path in raw.glob("0?/t*.tif"):
        save(np.full((60, 80), 77, np.uint8), path)
    crop_recordings(raw, tmp_path / "flat", margin=0)
    np.testing.assert_allclose(read(tmp_path / "flat", "train", 1)[0], 77, atol=1)


def test_gold_is_preferred_to_silver(raw):
    save(np.zeros((60, 80), np.uint16), raw / "01_ST" / "SEG" / "man_seg000.tif")
    assert {frame.label.parent.parent.name for frame in find_frames(raw)} == {"01_GT", "02_GT"}
    (raw / "01_GT").rename(raw / "unused")
    assert {frame.label.parent.parent.name for frame in find_frames(raw)} == {"01_ST", "02_GT"}


def test_the_embedded_frames_agree_with_regionprops(tmp_path):
    out = tmp_path / "out"
    counts = crop_recordings(DATA / "cells", out, margin=0)
    expected = []
    for path in sorted((DATA / "cells/01_GT/SEG").glob("*.tif")):
        ids = np.asarray(Image.open(path))
        for cell in regionprops(ids):
            top, left, bottom, right = cell.bbox
            if top and left and bottom < ids.shape[0] and right < ids.shape[1]:
                expected.append((bottom - top, right - left))
    assert counts["train"] == len(expected)
    assert [read(out, "train", k)[1].shape for k in range(len(expected))] == expected


def test_the_flat_naming_of_real_frames(tmp_path):
    if not REAL.is_dir():
        pytest.skip(f"real frames are not at {REAL}")
    counts = crop_recordings(REAL, tmp_path / "out", margin=10)
    cells = {"01": 0, "02": 0}
    for path in (REAL / "labels").glob("*.tif"):
        ids = np.asarray(Image.open(path))
        border = set(np.concatenate([ids[0], ids[-1], ids[:, 0], ids[:, -1]]).tolist())
        cells[path.name[:2]] += len(set(np.unique(ids).tolist()) - border - {0})
    assert counts == {"train": cells["01"], "test": cells["02"]}
    image, mask = read(tmp_path / "out", "train", 0)
    assert image.shape == (*mask.shape, 3)
    assert set(np.unique(mask)) == {0, 255}


def sizes_differ(raw):
    save(np.zeros((60, 70), np.uint16), raw / "02" / "t000.tif")


def image_missing(raw):
    (raw / "01" / "t002.tif").unlink()


def unreadable(raw):
    (raw / "02" / "t000.tif").write_bytes(b"not a picture")


def one_recording(raw):
    (raw / "02_GT").rename(raw / "gone")


def no_labels(raw):
    one_recording(raw)
    (raw / "01_GT").rename(raw / "gone too")


def no_whole_cell(raw):
    for path in (raw / "02_GT" / "SEG").iterdir():
        save(np.ones((60, 80), np.uint16), path)


def bad_table(raw):
    save(np.ones((60, 80), np.uint16), raw / "01_GT" / "TRA" / "man_track000.tif")
    (raw / "01_GT" / "TRA" / "man_track.txt").write_text("1 0 two 0\n")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (sizes_differ, "is 70x60 pixels, its label"),
        (image_missing, r"no frame t002\.tif"),
        (unreadable, "not an image that can be read"),
        (one_recording, "none is left to train on"),
        (no_labels, "holds no annotated recording"),
        (no_whole_cell, "lies wholly inside its frame"),
        (bad_table, "expected four numbers a line"),
    ],
)
def test_bad_input_is_a_sentence_and_leaves_nothing(raw, tmp_path, spoil, sentence):
    spoil(raw)
    with pytest.raises(CourseError, match=sentence):
        crop_recordings(raw, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


def test_a_folder_in_use_is_not_overwritten(raw, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(CourseError, match="not an empty folder"):
        crop_recordings(raw, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]
