"use strict";
// Two comforts, and the page says everything without them: one impact region at a time on the map,
// and the time under the pointer on every chart.

for (const box of document.querySelectorAll(".steps")) {
  box.hidden = false;
  const regions = box.parentElement.querySelectorAll(".instant");
  box.addEventListener("change", (event) => {
    for (const region of regions) {
      const chosen = region.dataset.instant === event.target.value;
      region.classList.toggle("chosen", chosen);
      region.classList.toggle("away", event.target.value !== "all" && !chosen);
    }
  });
}

const charts = [...document.querySelectorAll(".hover")].map((holder) => {
  const [left, right, top, bottom, first, last] = holder.dataset.frame.split(" ").map(Number);
  const svg = holder.querySelector("svg");
  const cursor = holder.querySelector(".cursor");
  return { holder, svg, cursor, left, right, top, bottom, first, last, zero: Number(holder.dataset.zero) };
});

function two(value) {
  return String(value).padStart(2, "0");
}

function words(chart, seconds) {
  const day = Math.floor((chart.zero + seconds + 86400) % 86400);
  const utc = `${two(Math.floor(day / 3600))}:${two(Math.floor(day / 60) % 60)}:${two(day % 60)}`;
  return `+ ${Math.round(seconds)} s · ${utc}`;
}

function show(seconds, zero) {
  for (const chart of charts) {
    const inside = seconds >= chart.first && seconds <= chart.last && chart.zero === zero;
    chart.cursor.replaceChildren();
    if (!inside) continue;
    const x = chart.left + ((seconds - chart.first) / (chart.last - chart.first)) * (chart.right - chart.left);
    const line = document.createElementNS(chart.svg.namespaceURI, "line");
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", chart.top], ["y2", chart.bottom]]) {
      line.setAttribute(name, value);
    }
    const label = document.createElementNS(chart.svg.namespaceURI, "text");
    const late = x > (chart.left + chart.right) / 2;
    label.setAttribute("x", x + (late ? -5 : 5));
    label.setAttribute("y", chart.top + 24);
    label.setAttribute("text-anchor", late ? "end" : "start");
    label.setAttribute("class", "halo");
    label.textContent = words(chart, seconds);
    chart.cursor.append(line, label);
  }
}

for (const chart of charts) {
  chart.holder.addEventListener("pointermove", (event) => {
    const box = chart.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * chart.svg.viewBox.baseVal.width;
    const share = (x - chart.left) / (chart.right - chart.left);
    if (share < 0 || share > 1) return;
    show(chart.first + share * (chart.last - chart.first), chart.zero);
  });
  chart.holder.addEventListener("pointerleave", () => show(-Infinity, chart.zero));
}
