"""Clusters of clips from their numbers alone: scaled, reduced, grouped in several ways, drawn in two dimensions.

    scaling      each column in its own units, rows with a number that is none left out
    components   principal components, and how much of the variance each holds
    clusterings  what a clustering is: the cluster of each row, what was tried, how well it holds together
    means        k-means, the number of clusters chosen by silhouette
    density      DBSCAN over a grid, and HDBSCAN
    linkages     clusters within clusters by seven linkages, cut by number or by height
    guiding      which clips labelling by groups asks for first, and what follows from their answers
    embedding    two pictures of the rows in two dimensions
    methods      all of them by name

Known labels never take part in any of this. Everything is seeded: the same rows give the same clusters.
"""
