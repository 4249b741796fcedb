{
  const stage = document.querySelector(".stage");
  const { end, tracks, wave } = JSON.parse(document.getElementById("tracks").textContent);
  const shots = tracks.shots || [];
  const find = (selector) => document.querySelector(selector);

  const two = (number) => String(number).padStart(2, "0");
  function clock(seconds, places = 3) {
    const unit = 10 ** places;
    const whole = Math.round(Math.max(0, seconds) * unit);
    const rest = places ? "." + String(whole % unit).padStart(places, "0") : "";
    const s = Math.floor(whole / unit);
    return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}${rest}`;
  }

  /** Row of the last span that starts at or before a time, or -1. */
  function lastBefore(rows, time) {
    let low = 0, high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle][0] <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  function shotAt(time) {
    const row = lastBefore(shots, time);
    return row >= 0 && (time < shots[row][1] || time >= end) ? row : -1;
  }

  function start() {
    const lanes = [...stage.querySelectorAll("svg")];
    const axis = find(".axis"), playhead = find(".playhead"), pan = find(".pan");
    const screen = find(".screen img"), output = find(".time"), here = find(".here");
    const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
    const waves = stage.querySelector(".wave svg"), drawWave = waves && wave ? waveLane(waves, wave) : () => {};
    let from = 0, width = end, now = 0, marked = null;

    function drawAxis() {
      const most = Math.max(2, Math.floor(stage.clientWidth / 110));
      const step = steps.find((size) => width / size <= most) || 14400;
      axis.replaceChildren();
      axis.classList.add("drawn");
      for (let tick = Math.ceil(from / step - 1e-9) * step; tick < from + width - 0.06 * width; tick += step) {
        const label = document.createElement("span");
        label.textContent = clock(tick, step < 1 ? 1 : 0).replace(/^(00:0?|0)/, "");
        label.style.left = `${100 * (tick - from) / width}%`;
        axis.append(label);
      }
    }

    function drawPlayhead() {
      const place = (now - from) / width;
      playhead.hidden = place < 0 || place > 1;
      playhead.style.left = `${100 * place}%`;
    }

    function look(newFrom, newWidth) {
      width = Math.min(end, Math.max(Math.min(end, 0.5), newWidth));
      from = Math.min(end - width, Math.max(0, newFrom));
      for (const svg of lanes) svg.setAttribute("viewBox", `${1000 * from} 0 ${1000 * width} 1000`);
      drawWave(from, width);
      pan.hidden = width > end * 0.999;
      pan.value = end > width ? 1000 * from / (end - width) : 0;
      drawAxis();
      drawPlayhead();
    }

    function tell(row) {
      const parts = row < 0 ? [] : [`Shot ${row + 1} of ${shots.length}, ${(shots[row][1] - shots[row][0]).toFixed(2)} s`];
      for (const [name, rows] of Object.entries(tracks)) {
        if (name === "shots" || name === "keyframes") continue;
        for (const [first, last, label] of rows) if (first <= now && now < last) parts.push(label === name ? name : `${name}: ${label}`);
      }
      return parts.join(" · ");
    }

    function go(time, follow = false) {
      now = Math.min(end, Math.max(0, time));
      if (follow && (now < from || now > from + width)) look(now - width / 2, width);
      const row = shotAt(now), card = row < 0 ? null : document.getElementById(`shot-${row + 1}`);
      if (card !== marked) {
        if (marked) marked.classList.remove("now");
        if (card) card.classList.add("now");
        marked = card;
      }
      const picture = card && card.querySelector("img");
      if (screen) screen.hidden = !picture;
      if (picture && screen && screen.src !== picture.src) screen.src = picture.src;
      output.textContent = clock(now);
      here.textContent = tell(row);
      stage.setAttribute("aria-valuenow", now.toFixed(3));
      stage.setAttribute("aria-valuetext", `${clock(now, 1)} ${here.textContent}`);
      drawPlayhead();
    }

    const timeAt = (event) => {
      const box = stage.getBoundingClientRect();
      return from + width * (event.clientX - box.left) / box.width;
    };
    const zoom = (factor, around = now) => look(around - (around - from) / factor, width / factor);
    const toShot = () => {
      const row = shotAt(now);
      const card = document.getElementById(`shot-${row + 1}`);
      if (card) card.querySelector("a").focus();
    };
    const step = (direction) => {
      const row = lastBefore(shots, now + 1e-6);
      if (!shots.length) return go(now + direction * width / 50, true);
      if (direction > 0) return go(row + 1 < shots.length ? shots[row + 1][0] : end, true);
      return go(row < 0 ? 0 : now - shots[row][0] > 1e-3 ? shots[row][0] : shots[Math.max(0, row - 1)][0], true);
    };

    stage.addEventListener("pointermove", (event) => go(timeAt(event)));
    stage.addEventListener("pointerdown", (event) => go(timeAt(event)));
    stage.addEventListener("dblclick", toShot);
    stage.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) zoom(Math.exp(-event.deltaY / 300), timeAt(event));
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && width < end) look(from + width * event.deltaX / stage.clientWidth, width);
      else return;
      event.preventDefault();
    }, { passive: false });
    stage.addEventListener("keydown", (event) => {
      const sign = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (sign && event.shiftKey) go(now + sign * 0.1, true);
      else if (sign) step(sign);
      else if (event.key === "Home") go(0, true);
      else if (event.key === "End") go(end, true);
      else if (event.key === "+" || event.key === "=") zoom(2);
      else if (event.key === "-") zoom(0.5);
      else if (event.key === "0") look(0, end);
      else if (event.key === "Enter") toShot();
      else return;
      event.preventDefault();
    });
    find(".zoom").addEventListener("click", (event) => {
      const factor = event.target.dataset.zoom;
      if (factor !== undefined) Number(factor) ? zoom(Number(factor)) : look(0, end);
    });
    pan.addEventListener("input", () => look((end - width) * pan.value / 1000, width));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-time]");
      if (link) { go(Number(link.dataset.time), true); stage.focus({ preventScroll: true }); }
    });
    addEventListener("resize", drawAxis);

    stage.tabIndex = 0;
    stage.setAttribute("role", "slider");
    stage.setAttribute("aria-label", "Time in the film");
    stage.setAttribute("aria-valuemin", "0");
    stage.setAttribute("aria-valuemax", String(end));
    find(".readout").hidden = find(".zoom").hidden = false;
    look(0, end);
    go(0);
  }

  if (stage && end > 0) start();
}
