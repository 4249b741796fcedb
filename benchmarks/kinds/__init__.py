"""What kind of sound, when: the recordings, how the shipped detector is trained on them, and how it is judged.

recordings       which recordings there are, under which licence, who speaks or what is played, and on which side
noises           noise made by a seed
tunes            music made by a seed
spoiling         what happens to sound on its way: rooms, telephones, codecs, levels
programmes       speech, music, both, noise and silence put one after another, with the truth of every instant
hearing          what Cueline hears in samples
train            writes the weights that ship, and their data card
windows, rows    labelled windows of 10 s, and what is measured of each, kept by `keeping`
regions          long programmes of people and pieces that judge
old_pipeline     68 descriptors, a random forest and boosted trees; a logistic regression
silero           silero-vad
*_figures, leaks the tables
judge            prints them
"""
