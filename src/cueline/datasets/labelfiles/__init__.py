"""Label files: what people said of whole clips and of parts of them, as the tools of the field write it.

items          what one item of a label file says, and a file of them
texts          text, JSON and tables, read with their faults told by line
forms          which format a file is in, told by its content
workshop       a list of clips, each with its labels and the address of its media
player         JSON of file names, each with the one class that was heard
table          one class a file, as a table
answer_table   one answer a line, with all that is known of it
labelstudio    tasks for Label Studio, and what people annotated there
playlists      a playlist for each class
"""

from __future__ import annotations

from cueline.datasets.labelfiles.forms import READERS, Content, form_of, open_labels, read_labels
from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip

__all__ = ["READERS", "Content", "LabelFile", "LabelItem", "Skip", "form_of", "open_labels", "read_labels"]
