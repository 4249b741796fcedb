"""Exploring clips by clusters: from files or a library to a table, a page that can be heard, and playlists.

material  clips and their numbers, from files or from tracks of a library
labels    what is known of clips: label files, campaigns, folders; to judge and to colour, never to cluster
running   clusters of the clips, and how well they fit what is known
plotting  the pictures of the page
pages     everything that is written: table, playlists, sounds, page
"""
