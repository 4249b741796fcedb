{
  const search = document.getElementById("search"), track = document.getElementById("track");
  const found = document.getElementById("found"), tables = [...document.querySelectorAll("details[data-track]")];
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const isTime = (word) => /^[\d:.]*:[\d:.]*$/.test(word);
  const opened = new Map(tables.map((table) => [table, table.open]));
  const texts = new Map();

  /** The name and the times of a row; a track of one class has its name in its rows. */
  function textOf(row, track) {
    if (!texts.has(row)) {
      const name = row.querySelector(".text"), times = row.querySelectorAll("td:not(.text)");
      texts.set(row, { name: plain(name ? name.textContent : track), times: `${times[0].textContent} ${times[1].textContent}` });
    }
    return texts.get(row);
  }

  function sift() {
    const words = plain(search.value).split(/\s+/).filter(Boolean), chosen = track ? track.value : "";
    let count = 0;
    for (const table of tables) {
      let here = 0;
      for (const row of table.querySelectorAll("tbody tr")) {
        const text = words.length && textOf(row, table.dataset.track);
        row.hidden = !words.every((word) => (isTime(word) ? text.times : text.name).includes(word));
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
