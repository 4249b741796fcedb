/** Thousands of cards, of which those near the window exist; all of one height. */
function manyCards(list, { at, rows, texts, sets }) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const nodes = new Map();
  let shown = [], columns = 1, height = 0, waiting = false;

  function add(parent, tag, name, text) {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text !== undefined) node.textContent = text;
    parent.append(node);
    return node;
  }

  function drawing(parent, name, box, label, path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of Object.entries({ class: name, viewBox: box, preserveAspectRatio: "none", role: "img", "aria-label": label })) svg.setAttribute(key, value);
    svg.append(document.createElementNS(svg.namespaceURI, "path"));
    svg.firstChild.setAttribute("d", path);
    parent.append(svg);
  }

  function wavePath(wave) {
    return Array.from(wave, (letter, column) => { const tall = Math.max(1, letters.indexOf(letter)); return `M${column} ${-tall}V${tall}`; }).join("");
  }

  function rhythmPath(digits) {
    let path = "";
    for (let place = 0; place < digits.length; place++) {
      const four = parseInt(digits[place], 16);
      for (let bit = 0; bit < 4; bit++) if (four & (8 >> bit)) path += `M${4 * place + bit} 0V1`;
    }
    return path;
  }

  function strip(parent, row) {
    const wave = row[at.wave], box = add(parent, "div", wave ? "strip sound" : "strip");
    box.setAttribute("aria-hidden", "true");
    for (let number = 0; number < row[at.pictures]; number++) {
      const image = document.createElement("img");
      image.alt = "";
      image.decoding = "async";
      image.src = `pictures/${row[at.key].slice(0, 2)}/${row[at.key]}-${number}.webp`;
      box.append(image);
    }
    if (wave) drawing(box, "", `-1 -66 ${wave.length + 1} 132`, "Its sound", wavePath(wave));
    else if (!row[at.pictures]) add(box, "p", "", texts[row[at.nothing]]);
    if (row[at.rhythm]) drawing(parent, "rhythm", "0 0 240 1", `Where the picture cuts: ${row[at.shots]} shots`, rhythmPath(row[at.rhythm]));
    else add(parent, "div", "rhythm");
  }

  function card(number) {
    const row = rows[number], node = document.createElement("li");
    node.className = "card";
    strip(node, row);
    const told = add(node, "div", "told"), link = add(add(told, "h3"), "a");
    link.href = `asset-${row[at.key]}.html`;
    link.title = row[at.name];
    add(link, "bdi", "", row[at.name]);
    if (texts[row[at.folder]]) add(add(told, "p", "folder"), "bdi", "", texts[row[at.folder]]);
    add(told, "p", "facts", row[at.figures]);
    add(told, "p", "quiet", texts[row[at.media]]);
    for (const text of sets[row[at.warnings]]) add(told, "p", "note warn", texts[text]);
    for (const text of sets[row[at.notes]]) add(told, "p", "note", texts[text]);
    return node;
  }

  function measure() {
    if (!shown.length) return;
    if (!list.firstChild) list.append(card(shown[0]));
    const style = getComputedStyle(list);
    columns = style.gridTemplateColumns.split(" ").length;
    height = list.firstChild.getBoundingClientRect().height + parseFloat(style.rowGap);
  }

  function draw() {
    waiting = false;
    const top = list.getBoundingClientRect().top, lines = Math.ceil(shown.length / columns);
    const from = Math.min(lines, Math.max(0, Math.floor(-top / height) - 2));
    const to = Math.max(from, Math.min(lines, Math.ceil((innerHeight - top) / height) + 2));
    const wanted = shown.slice(from * columns, to * columns), kept = new Set(wanted);
    for (const [number, node] of nodes) if (!kept.has(number)) { node.remove(); nodes.delete(number); }
    wanted.forEach((number, place) => {
      if (!nodes.has(number)) nodes.set(number, card(number));
      const node = nodes.get(number);
      node.setAttribute("aria-posinset", from * columns + place + 1);
      node.setAttribute("aria-setsize", shown.length);
      if (list.children[place] !== node) list.insertBefore(node, list.children[place] || null);
    });
    list.style.paddingTop = `${from * height}px`;
    list.style.paddingBottom = `${(lines - to) * height}px`;
  }

  function later() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  function show(numbers) {
    shown = numbers;
    nodes.clear();
    list.replaceChildren();
    measure();
    list.replaceChildren();
    draw();
  }

  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", () => { measure(); later(); });
  return { show };
}
