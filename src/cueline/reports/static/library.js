{
  const list = document.querySelector(".cards"), form = document.querySelector(".sieve");
  const found = document.getElementById("found"), clear = document.getElementById("clear");
  const search = fileSearch(JSON.parse(document.getElementById("files").textContent));
  const fields = Object.fromEntries(Object.entries({ q: "search", state: "state", has: "has", track: "track", class: "class", from: "from", to: "to", order: "order" })
    .map(([key, id]) => [key, document.getElementById(id)]));
  const problems = [...document.querySelectorAll(".problems li")];
  const few = (children) => ({
    show(numbers) {
      for (const child of children) child.hidden = true;
      for (const number of numbers) { children[number].hidden = false; list.append(children[number]); }
    },
  });
  const view = list.classList.contains("many") ? manyCards(list, search) : few([...list.children]);

  function offer(field, name) {
    for (const [text, count] of search.choices(name)) field.append(new Option(`${text} (${count.toLocaleString("en")})`, text));
    field.parentElement.hidden = field.options.length < 2;
  }

  function question() {
    return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, field.value]).filter(([, value]) => value));
  }

  function siftProblems(words) {
    for (const row of problems) row.hidden = !words.every((word) => plainText(row.dataset.find).includes(word));
    for (const fold of document.querySelectorAll(".problems details")) {
      fold.hidden = !fold.querySelector("li:not([hidden])");
      if (words.length) fold.open = true;
    }
  }

  function sift() {
    const asked = question(), numbers = search.ask(asked), { order, ...narrowing } = asked;
    view.show(numbers);
    siftProblems(wordsOf(asked.q || ""));
    for (const key of ["from", "to"]) fields[key].setAttribute("aria-invalid", String(Number.isNaN(lengthOf(fields[key].value))));
    const narrowed = Object.keys(narrowing).length > 0;
    found.textContent = narrowed ? `${numbers.length.toLocaleString("en")} of ${search.rows.length.toLocaleString("en")} files` : "";
    clear.hidden = !narrowed && !order;
    return asked;
  }

  function keep() {
    const asked = new URLSearchParams(sift()).toString();
    history.replaceState(null, "", asked ? `#${asked}` : location.href.split("#")[0]);
    if (list.getBoundingClientRect().top < 0) form.scrollIntoView({ block: "start", behavior: "instant" });
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const [key, field] of Object.entries(fields)) field.value = kept.get(key) ?? "";
    sift();
  }

  offer(fields.track, "tracks");
  offer(fields.class, "classes");
  form.addEventListener("input", keep);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(keep));
  addEventListener("hashchange", recall);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, select, textarea")) {
      event.preventDefault();
      fields.q.focus();
      fields.q.select();
    }
  });
  form.hidden = search.rows.length < 2;
  recall();
}
