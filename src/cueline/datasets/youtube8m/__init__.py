"""YouTube-8M: every form that its features, labels and predictions come in, and one compact form to learn from.

    video level    TFRecords of tf.train.Example: id, labels, mean_rgb (1,024 floats), mean_audio (128)
    frame level    TFRecords of SequenceExample: id, labels, and rgb, audio: bytes for each second, at most 300
    segment level  frame level with ratings of segments of 5 s: class, start, end, 1 or 0
    course CSV     a row a video: 3,862 zeros or ones, 1,152 numbers, a comma at the end
    Parquet        id, labels, mean_rgb, mean_audio: lists
    arrays         features.npy (N, 1152), uint8 or floats, and labels.npz (label_offsets, label_ids)
    compact form   a folder that opens in milliseconds, its features mapped into memory

Bytes stand for q * 4 / 255 + (4 / 512 - 2). TFRecords are read without TensorFlow, their checksums are compared.
Readers give rows a thousand or so at a time, so that memory does not grow with the file; `convert` writes the compact
form from any of them in one pass, and `read_examples` opens any of them for learners and measures. A bad row is
refused with its file and place, or left out, counted and reported when the user asks for it.

`read_vocabulary` tells what the classes are called; `read_predictions` and `write_predictions` speak the official form
of predictions, and NumPy's and Parquet's.

References:
    S. Abu-El-Haija et al., 2016, YouTube-8M: A Large-Scale Video Classification Benchmark, arXiv 1609.08675.
    research.google.com/youtube8m; github.com/google/youtube-8m. The data are CC BY 4.0.
"""

from __future__ import annotations

from cueline.datasets.youtube8m.arrays import read_features
from cueline.datasets.youtube8m.building import Builder
from cueline.datasets.youtube8m.compact import Compact, open_compact
from cueline.datasets.youtube8m.conversion import Conversion, convert, read_examples, rows_of
from cueline.datasets.youtube8m.course import read_course
from cueline.datasets.youtube8m.labels import LabelFile, read_labels
from cueline.datasets.youtube8m.official import VideoFrames, read_frames, read_tfrecords
from cueline.datasets.youtube8m.predictions import Predictions, read_predictions, write_predictions
from cueline.datasets.youtube8m.quantising import dequantised, quantised
from cueline.datasets.youtube8m.records import Record, read_records, write_records
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, VideoRows
from cueline.datasets.youtube8m.segments import ranked_segments, read_segments, write_segments
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.datasets.youtube8m.tables import read_tables, write_table
from cueline.datasets.youtube8m.vocabulary import Vocabulary, VocabularyClass, read_vocabulary

__all__ = [
    "CLASSES",
    "PARTS",
    "Builder",
    "Compact",
    "Conversion",
    "LabelFile",
    "Predictions",
    "Record",
    "Skipped",
    "VideoFrames",
    "VideoRows",
    "Vocabulary",
    "VocabularyClass",
    "convert",
    "dequantised",
    "open_compact",
    "quantised",
    "ranked_segments",
    "read_course",
    "read_examples",
    "read_features",
    "read_frames",
    "read_labels",
    "read_predictions",
    "read_records",
    "read_segments",
    "read_tables",
    "read_tfrecords",
    "read_vocabulary",
    "rows_of",
    "write_predictions",
    "write_records",
    "write_segments",
    "write_table",
]
