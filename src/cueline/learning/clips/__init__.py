"""Learning on people's own clips: recipes, the choice among them, honest figures, doubts and drift.

problems     rows with one class each, their groups, and what the shipped model says of them
softmax      sums of numbers, held near a prior
votes        a forest and boosted trees that vote
recipes      the three ways to learn, and the options that are tried
choosing     the best of them, out of fold
training     a model from rows, with groups kept apart that chose nothing
judging      what it reached, with intervals over groups
relabelling  the labels that are most worth a second look
drift        how far other media lie from those learned from
"""
