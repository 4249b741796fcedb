"use strict";

/** Draws any part of the sound into its lane, with a column for every half pixel or so. */
function waveLane(svg, wave) {
  const levels = (text) => Float32Array.from(atob(text), (letter) => (letter.charCodeAt(0) - 128) / 127);
  const low = levels(wave.low), high = levels(wave.high), rms = levels(wave.rms);
  const [peakPath, rmsPath] = svg.querySelectorAll("path");

  return function draw(from, width) {
    const first = Math.max(0, Math.floor((from - wave.start) / wave.step) - 1);
    const last = Math.min(low.length, Math.ceil((from + width - wave.start) / wave.step) + 1);
    const each = Math.max(1, Math.ceil((last - first) / 2000));
    const above = [], below = [], louder = [], lower = [];
    for (let begin = first; begin < last; begin += each) {
      const end = Math.min(last, begin + each);
      let least = 1, most = -1, power = 0;
      for (let column = begin; column < end; column++) {
        least = Math.min(least, low[column]);
        most = Math.max(most, high[column]);
        power += rms[column] ** 2;
      }
      const time = (1000 * (wave.start + wave.step * (begin + end) / 2)).toFixed(1), mean = Math.sqrt(power / (end - begin));
      above.push(`${time} ${(500 * (1 - most)).toFixed(1)}`);
      below.push(`${time} ${(500 * (1 - least)).toFixed(1)}`);
      louder.push(`${time} ${(500 * (1 - mean)).toFixed(1)}`);
      lower.push(`${time} ${(500 * (1 + mean)).toFixed(1)}`);
    }
    peakPath.setAttribute("d", above.length ? `M${above.join("L")}L${below.reverse().join("L")}z` : "");
    rmsPath.setAttribute("d", above.length ? `M${louder.join("L")}L${lower.reverse().join("L")}z` : "");
  };
}
