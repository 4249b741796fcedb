"use strict";
{
  const list = document.querySelector(".cards");
  const cards = [...list.children];
  const problems = [...document.querySelectorAll(".problems li")];
  const found = document.getElementById("found");
  const filter = document.getElementById("filter");
  const order = document.getElementById("order");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map([...cards, ...problems].map((row) => [row, plain(row.dataset.find)]));
  const collator = new Intl.Collator(undefined, { numeric: true });
  const orders = {
    name: (a, b) => collator.compare(a.dataset.name, b.dataset.name),
    seconds: (a, b) => b.dataset.seconds - a.dataset.seconds,
    shots: (a, b) => b.dataset.shots - a.dataset.shots,
    median: (a, b) => (parseFloat(a.dataset.median) || Infinity) - (parseFloat(b.dataset.median) || Infinity) || 0,
  };

  function sift() {
    const words = plain(filter.value).split(/\s+/).filter(Boolean);
    for (const row of texts.keys()) row.hidden = !words.every((word) => texts.get(row).includes(word));
    for (const fold of document.querySelectorAll(".problems details")) {
      fold.hidden = !fold.querySelector("li:not([hidden])");
      if (words.length) fold.open = true;
    }
    const shown = cards.filter((card) => !card.hidden).length;
    found.textContent = words.length ? `${shown} of ${cards.length} files` : "";
  }

  filter.addEventListener("input", sift);
  order.addEventListener("change", () => {
    list.append(...(orders[order.value] ? [...cards].sort(orders[order.value]) : cards));
  });
  if (cards.length > 1) document.querySelector(".filter").hidden = false;
  sift();
}
