"""A folder of short sounds that are easily told apart, with a table of what each is."""

import numpy as np
import soundfile

KINDS = ("hum", "hiss")
RATE = 22050


def make_sounds(folder, each=6, seconds=1.2):
    """Hums and hisses, and `kinds.csv` beside the folder; gives the table."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    times = np.arange(round(RATE * seconds)) / RATE
    lines = ["file,start,end,name"]
    for number in range(each):
        for kind in KINDS:
            tone = np.sin(2 * np.pi * rng.uniform(80, 200) * times)
            samples = tone if kind == "hum" else rng.standard_normal(len(times))
            soundfile.write(folder / f"{kind} {number}.wav", 0.2 * samples, RATE)
            lines.append(f"{kind} {number}.wav,0,{seconds},{kind}")
    table = folder.with_name("kinds.csv")
    table.write_text("\n".join(lines) + "\n")
    return table
