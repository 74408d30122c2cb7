"use strict";
// Without this script the page says the same: it only sorts tables, and shows values and stretches of the timeline.

for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const first = body.rows[0] && body.rows[0].cells[column];
    if (first && first.classList.contains("number")) heading.classList.add("number");
    const button = document.createElement("button");
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const rising = heading.getAttribute("aria-sort") === "descending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const value = (row) => row.cells[column].dataset.value;
      const text = (row) => row.cells[column].textContent;
      const rows = [...body.rows].sort((a, b) =>
        value(a) === undefined ? text(b).localeCompare(text(a)) : value(b) - value(a));
      body.append(...(rising ? rows.reverse() : rows));
    });
  });
}

const source = document.getElementById("timeline");
if (source) timeline(JSON.parse(source.textContent));

// The plot reaches from `left` to `right` in the picture's units, and over all columns in time.
function timeline({ left, right, top, from, width, labels, pools, resizes }) {
  const figure = source.previousElementSibling.closest("figure");
  const svg = figure.querySelector("svg");
  const count = pools[0].values[0].length;
  const shapes = [...svg.querySelectorAll("polygon, polyline, rect")].filter(
    (shape) => shape.getBBox().y > top && shape.getBBox().height < svg.viewBox.baseVal.height / 2);
  const ticks = [...svg.querySelectorAll("line, text, polyline")].filter((mark) => {
    const box = mark.getBBox();
    const middle = box.x + box.width / 2;
    return box.y > top && middle >= left - 1 && middle <= right + 1 && !shapes.includes(mark) &&
      (mark.tagName === "line" ? box.width === 0 : mark.getAttribute("text-anchor") === "middle");
  });
  const clip = make("clipPath", { id: "plot" });
  clip.append(make("rect", { x: left, y: 0, width: right - left, height: svg.viewBox.baseVal.height }));
  const layer = make("g", { "clip-path": "url(#plot)" });
  svg.append(clip, layer);
  layer.append(...shapes);
  const marks = make("g", {});
  const cursor = make("line", { y1: top, y2: svg.viewBox.baseVal.height, stroke: "var(--text)", visibility: "hidden" });
  const band = make("rect", { y: top, height: svg.viewBox.baseVal.height, fill: "var(--blue)", opacity: 0.2, width: 0 });
  svg.append(marks, cursor, band);
  const box = document.createElement("div");
  box.className = "values";
  box.hidden = true;
  figure.append(box);
  let [first, last] = [0, count];

  const at = (event) => {
    const scale = svg.viewBox.baseVal.width / svg.getBoundingClientRect().width;
    const x = (event.clientX - svg.getBoundingClientRect().left) * scale;
    return Math.min(Math.max(x, left), right);
  };
  const column = (x) => first + ((x - left) / (right - left)) * (last - first);
  const moment = (column) => new Date(from + column * width);
  const words = (date, day) => date.toISOString().slice(day ? 5 : 11, 16).replace("T", " ");

  function zoom(a, b) {
    [first, last] = [a, b];
    const whole = a === 0 && b === count;
    const factor = count / (b - a);
    const shift = left - (left + (a / count) * (right - left)) * factor;
    for (const shape of shapes) {
      shape.setAttribute("transform", `matrix(${factor} 0 0 1 ${shift} 0)`);
      shape.setAttribute("vector-effect", "non-scaling-stroke");
    }
    ticks.forEach((tick) => tick.setAttribute("visibility", whole ? "visible" : "hidden"));
    marks.replaceChildren();
    if (whole) return;
    const parts = 6;
    for (let part = 0; part <= parts; part += 1) {
      const x = left + (part / parts) * (right - left);
      const text = make("text", { x, y: svg.viewBox.baseVal.height - 26, "text-anchor": "middle", "font-size": 10,
        fill: "var(--text)" });
      text.textContent = words(moment(a + (part / parts) * (b - a)), true);
      marks.append(text);
    }
  }

  function show(event) {
    const x = at(event);
    const index = Math.min(Math.floor(column(x)), count - 1);
    const lines = pools.map(({ name, values }) =>
      `${name}: ` + labels.map((label, of) => `${values[of][index] < 0 ? "∞" : values[of][index]} ${label}`).join(", "));
    const until = moment(index + 1);
    const sized = pools.flatMap(({ name }) => {
      const last = resizes.findLast((one) => one.pool === name && new Date(one.at) < until);
      return last ? [`${name}: ${last.words} (${words(new Date(last.at), true)})`] : [];
    });
    box.textContent = [words(moment(index), true) + " UTC", ...lines, ...sized].join("\n");
    box.hidden = false;
    const bounds = figure.getBoundingClientRect();
    const beside = event.clientX - bounds.left + 14;
    box.style.left = `${Math.min(beside, Math.max(0, bounds.width - box.offsetWidth))}px`;
    box.style.top = `${event.clientY - bounds.top + 14}px`;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.setAttribute("visibility", "visible");
  }

  let pressed = null;
  svg.style.touchAction = "pan-y";
  svg.addEventListener("pointerdown", (event) => { pressed = at(event); event.preventDefault(); });
  svg.addEventListener("pointermove", (event) => {
    show(event);
    if (pressed === null) return;
    band.setAttribute("x", Math.min(pressed, at(event)));
    band.setAttribute("width", Math.abs(at(event) - pressed));
  });
  window.addEventListener("pointerup", (event) => {
    if (pressed === null) return;
    const [a, b] = [pressed, at(event)].sort((one, other) => one - other).map(column);
    pressed = null;
    band.setAttribute("width", 0);
    if (b - a >= 2) zoom(a, b);
  });
  svg.addEventListener("pointerleave", () => { box.hidden = true; cursor.setAttribute("visibility", "hidden"); });
  svg.addEventListener("dblclick", () => zoom(0, count));
}

function make(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
