"""People's own clips: label files merged, rows of sound for each clip, models trained and continued, files sorted.

merging     several label files as one class a clip, with duplicates, contradictions and unknown names told
pooling     rows of clips, read from files by workers, each decoded once
material    labelled rows, from files
campaigns   labelled rows, from a campaign of a library
memory      the rows that a model learned from, kept beside it
joining     old and new rows of a model that is continued
writing     the folder of a model: its report, and the clips most worth relabelling
drifting    whether the media of a library lie where those lay that its models learned from
"""
