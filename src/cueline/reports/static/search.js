"use strict";

/** Text as it is compared: without marks, in lower case. */
function plainText(text) {
  return /[^\0-\x7f]/.test(text) ? text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase() : text.toLowerCase();
}

/** The words that must all be there; what stands in quotation marks is one of them. */
function wordsOf(query) {
  return [...plainText(query).matchAll(/"([^"]+)"|[^\s"]+/g)].map((match) => match[1] ?? match[0]);
}

/** Seconds of a length as people type it: 1:30, 1:02:03, 90s, 2h, or plain minutes; null of nothing, NaN of anything else. */
function lengthOf(text) {
  const typed = text.trim().toLowerCase();
  if (!typed) return null;
  const unit = typed.match(/^(\d+(?:[.,]\d+)?)\s*(s|min|m|h)?$/);
  if (unit) return Number(unit[1].replace(",", ".")) * ({ s: 1, h: 3600 }[unit[2]] ?? 60);
  return /^\d+(:[0-5]?\d){1,2}$/.test(typed) ? typed.split(":").reduce((sum, part) => 60 * sum + Number(part), 0) : NaN;
}

/** The files of a library, as `cards.packed` tells them, and the questions that can be asked of them. */
function fileSearch({ fields, rows, texts, sets }) {
  const at = Object.fromEntries(fields.map((name, place) => [name, place]));
  const collator = new Intl.Collator(undefined, { numeric: true });
  const orders = {
    name: (a, b) => collator.compare(a[at.name], b[at.name]),
    seconds: (a, b) => b[at.seconds] - a[at.seconds],
    shots: (a, b) => b[at.shots] - a[at.shots],
    median: (a, b) => (a[at.median] || Infinity) - (b[at.median] || Infinity) || 0,
  };
  const states = { done: (bits) => bits === 0, failed: (bits) => bits & 1, missing: (bits) => bits & 2, waiting: (bits) => bits & 4 };
  const kinds = { video: (bits) => bits & 1, sound: (bits) => bits & 2, both: (bits) => bits === 3, "only-video": (bits) => bits === 1, "only-sound": (bits) => bits === 2 };
  let heaps = null;

  /** What is searched in each row; made when it is first asked for. */
  function searched() {
    if (heaps) return heaps;
    const lines = texts.map(plainText), groups = sets.map((set) => set.map((text) => lines[text]).join("\n"));
    heaps = rows.map((row) => [
      plainText(`${row[at.name]}\n${row[at.also]}`), lines[row[at.folder]] + "/" + plainText(row[at.name]), plainText(row[at.words]), lines[row[at.media]],
      groups[row[at.classes]], groups[row[at.groups]], groups[row[at.notes]], groups[row[at.warnings]],
    ].join("\n"));
    return heaps;
  }

  /** How many files have each text in a field that names a set: [text, count], by text. */
  function choices(field) {
    const counts = new Map();
    for (const row of rows) for (const text of sets[row[at[field]]]) counts.set(text, (counts.get(text) || 0) + 1);
    return [...counts].map(([text, count]) => [texts[text], count]).sort((a, b) => collator.compare(a[0], b[0]));
  }

  function having(field, text) {
    const number = texts.indexOf(text);
    const fitting = new Set(Array.from(sets.keys()).filter((set) => sets[set].includes(number)));
    return (row) => fitting.has(row[at[field]]);
  }

  /** Numbers of the rows that answer a question, in its order. */
  function ask(question) {
    const words = wordsOf(question.q || ""), tests = [];
    const from = lengthOf(question.from || ""), to = lengthOf(question.to || "");
    if (from > 0) tests.push((row) => row[at.seconds] >= from);
    if (to !== null && to >= 0) tests.push((row) => row[at.seconds] <= to);
    if (states[question.state]) tests.push((row) => states[question.state](row[at.state]));
    if (kinds[question.has]) tests.push((row) => kinds[question.has](row[at.has]));
    if (question.track) tests.push(having("tracks", question.track));
    if (question.class) tests.push(having("classes", question.class));
    const texts = words.length ? searched() : [];
    const found = [];
    rows.forEach((row, number) => {
      if (tests.every((test) => test(row)) && words.every((word) => texts[number].includes(word))) found.push(number);
    });
    const order = orders[question.order];
    return order ? found.sort((a, b) => order(rows[a], rows[b])) : found;
  }

  return { at, rows, texts, sets, ask, choices };
}
