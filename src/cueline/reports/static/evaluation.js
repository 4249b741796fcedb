{
  const table = document.getElementById("classes");
  if (table) {
    const { keys, rows } = JSON.parse(document.getElementById("rows").textContent);
    const at = Object.fromEntries(keys.map((key, place) => [key, place]));
    const columns = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    const search = document.getElementById("search"), least = document.getElementById("least");
    const found = document.getElementById("found"), more = document.getElementById("more");
    const names = rows.map((row) => plainText(row[at.name])), collator = new Intl.Collator(undefined, { numeric: true });
    const FIRST = 100, NEXT = 500;
    let order = "positives", falling = true, chosen = [], shown = 0;

    /** A number as `words.number_words` writes it. */
    function numberWords(value) {
      if (value === null) return "\u2013";
      const size = Math.abs(value), sign = value < 0 ? "\u2212" : "";
      if (size === 0) return "0";
      if (size < 0.0005) return sign + size.toExponential(1).replace(/e-(\d)$/, "e-0$1");
      return sign + (size < 999.95 ? size.toFixed(size < 9.9995 ? 3 : 1) : Number(size.toFixed(0)).toLocaleString("en"));
    }

    function shape(parent, name, attributes) {
      const element = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      parent.append(element);
      return element;
    }

    function strip(cell, row) {
      const [value, low, high, base] = ["average_precision", "low", "high", "base_rate"].map((key) => row[at[key]]);
      if (value === null) return;
      const svg = shape(cell, "svg", { class: "strip-mark", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" });
      if (low !== null) shape(svg, "rect", { class: "range", x: 100 * low, y: 2, width: 100 * (high - low), height: 6 });
      if (base !== null) shape(svg, "path", { class: "base", d: `M${100 * base} 0V10` });
      shape(svg, "path", { class: "value", d: `M${100 * value} 0V10` });
    }

    function fill(cell, key, row) {
      if (key === "strip") { cell.className = "mark"; strip(cell, row); return; }
      if (key === "interval") { cell.textContent = row[at.low] === null ? "\u2013" : `${numberWords(row[at.low])} to ${numberWords(row[at.high])}`; cell.title = row[at.note]; return; }
      cell.textContent = key === "positives" ? row[at.positives].toLocaleString("en") : numberWords(row[at[key]]);
    }

    function lineOf(row) {
      const line = document.createElement("tr"), head = document.createElement("th"), name = document.createElement("bdi");
      head.scope = "row"; head.className = "text"; name.textContent = row[at.name]; head.append(name); line.append(head);
      for (const column of columns.slice(1)) fill(line.insertCell(), column.dataset.key, row);
      return line;
    }

    function add(count) {
      const next = chosen.slice(shown, shown + count);
      body.append(...next.map((number) => lineOf(rows[number])));
      shown += next.length;
      more.hidden = shown >= chosen.length;
      more.textContent = `Show ${Math.min(NEXT, chosen.length - shown).toLocaleString("en")} more of ${chosen.length.toLocaleString("en")}`;
    }

    /** Rows without a number come last, whichever way the others go. */
    function compare(a, b) {
      if (order === "name") return (falling ? -1 : 1) * collator.compare(rows[a][at.name], rows[b][at.name]);
      const place = at[order], x = rows[a][place], y = rows[b][place];
      if (x === null || y === null) return (x === null) - (y === null) || a - b;
      return (falling ? y - x : x - y) || a - b;
    }

    function sift() {
      const words = wordsOf(search.value), from = Number(least.value.replace(/[,\s]/g, "") || 0);
      least.setAttribute("aria-invalid", String(Number.isNaN(from)));
      chosen = rows.map((_, number) => number).filter((number) => words.every((word) => names[number].includes(word)) && !(rows[number][at.positives] < from));
      chosen.sort(compare);
      found.textContent = chosen.length < rows.length ? `${chosen.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} classes` : "";
      body.replaceChildren();
      shown = 0;
      add(FIRST);
    }

    function sortBy(key) {
      falling = order === key ? !falling : key !== "name";
      order = key;
      for (const column of columns) {
        if (sortKey(column) === order) column.setAttribute("aria-sort", falling ? "descending" : "ascending");
        else column.removeAttribute("aria-sort");
      }
      sift();
    }

    function sortKey(column) {
      return { strip: "", interval: "low" }[column.dataset.key] ?? column.dataset.key;
    }

    for (const column of columns) {
      const key = sortKey(column);
      if (!key) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = column.textContent;
      button.addEventListener("click", () => sortBy(key));
      column.replaceChildren(button);
      if (key === order) column.setAttribute("aria-sort", "descending");
    }
    more.addEventListener("click", () => add(NEXT));
    search.form.addEventListener("input", sift);
    search.form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select")) return;
      event.preventDefault();
      search.focus();
    });
    search.form.hidden = rows.length < 2;
    sift();
  }
}
