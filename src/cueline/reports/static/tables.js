{
  const search = document.getElementById("search"), track = document.getElementById("track");
  const found = document.getElementById("found"), tables = [...document.querySelectorAll("details[data-track]")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const opened = new Map(tables.map((table) => [table, table.open]));
  const texts = new Map();

  function textOf(row) {
    if (!texts.has(row)) texts.set(row, plain(Array.from(row.cells, (cell) => cell.textContent).join(" ")));
    return texts.get(row);
  }

  function sift() {
    const words = plain(search.value).split(/\s+/).filter(Boolean), chosen = track ? track.value : "";
    let count = 0;
    for (const table of tables) {
      let here = 0;
      for (const row of table.querySelectorAll("tbody tr")) {
        row.hidden = !words.every((word) => textOf(row).includes(word));
        here += !row.hidden;
      }
      table.hidden = Boolean(chosen ? table.dataset.track !== chosen : words.length && !here);
      table.open = words.length ? here > 0 : chosen ? !table.hidden : opened.get(table);
      count += table.hidden ? 0 : here;
    }
    found.textContent = words.length ? `${count.toLocaleString("en")} row${count === 1 ? "" : "s"}` : "";
  }

  if (search) {
    search.addEventListener("input", sift);
    if (track) track.addEventListener("input", sift);
    search.parentElement.hidden = false;
    addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, select")) return;
      event.preventDefault();
      search.focus();
    });
  }
}
