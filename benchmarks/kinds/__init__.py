"""What kind of sound, when: the recordings, how the shipped detector is trained on them, and how it is judged.

recordings  which recordings there are, under which licence, who speaks or what is played, and on which side they are
noises      noise made by a seed
tunes       music made by a seed
spoiling    what happens to sound on its way: rooms, telephones, codecs, levels
programmes  speech, music, both, noise and silence put one after another, with the truth of every instant
train       writes the weights that ship, and their data card
"""
