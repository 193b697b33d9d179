// Two charts as SVG. Each has a name, and a table with the same figures beside it.

import { h, svg, table } from "./dom.js";
import { clock, number, seconds, t } from "./text.js";

let width = 640;
const height = 180;
const left = 8;
const right = 66;
const top = 10;
const bottom = 22;

/** Fewer units on a phone, so that letters keep their size. */
function measure() {
  width = matchMedia("(max-width: 46rem)").matches ? 340 : 640;
}

function nice(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}

function frame(label, maximum, format, from, until) {
  const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "chart" });
  for (const part of [0, 0.5, 1]) {
    const y = top + (height - top - bottom) * (1 - part);
    chart.append(svg("line", { x1: left, x2: width - right, y1: y, y2: y, class: "grid" }));
    const text = svg("text", { x: width - right + 6, y: y + 4, class: "tick" });
    text.textContent = format(maximum * part);
    chart.append(text);
  }
  for (const part of [0, 0.5, 1]) {
    const text = svg("text", {
      x: left + (width - left - right) * part, y: height - 6, class: "tick",
      "text-anchor": part === 0 ? "start" : part === 1 ? "end" : "middle",
    });
    text.textContent = clock(new Date(from + (until - from) * part));
    chart.append(text);
  }
  return chart;
}

/** pairs: [seconds ago, lag or null], oldest first, of the last hour. */
export function lagLine(pairs) {
  measure();
  const until = Date.now();
  const from = until - 3600e3;
  const known = pairs.filter(([, lag]) => lag !== null);
  const most = known.reduce((high, [, lag]) => Math.max(high, lag), 0);
  const maximum = Math.max(0.01, nice(most));
  const label = known.length ? t("chart.lag", { most: seconds(most) }) : t("chart.lag.none");
  const chart = frame(label, maximum, (value) => seconds(value), from, until);
  const x = (ago) => left + (width - left - right) * (1 - Math.min(ago, 3600) / 3600);
  const y = (lag) => top + (height - top - bottom) * (1 - lag / maximum);
  let path = "";
  let open = false;
  for (const [ago, lag] of pairs) {
    if (lag === null) { open = false; continue; }
    path += `${open ? "L" : "M"}${x(ago).toFixed(1)} ${y(lag).toFixed(1)}`;
    open = true;
  }
  if (path) chart.append(svg("path", { d: path, class: "line" }));
  return h("figure", {}, chart);
}

/** rows: [minute in seconds, model, events]; since: where counting begins. */
export function minuteBars(rows, since) {
  measure();
  const until = Math.floor(Date.now() / 60000) * 60;
  const first = Math.max(until - 59 * 60, Math.ceil(new Date(since) / 60000) * 60);
  const sums = new Map();
  for (const [, model, events] of rows) sums.set(model, (sums.get(model) || 0) + events);
  const leading = [...sums.entries()].sort((a, b) => b[1] - a[1]).slice(0, 5).map(([model]) => model);
  const places = [...leading, ...(sums.size > 5 ? [null] : [])];
  const minutes = new Map();
  for (const [minute, model, events] of rows) {
    const place = leading.includes(model) ? leading.indexOf(model) : 5;
    const counts = minutes.get(minute) || new Array(6).fill(0);
    counts[place] += events;
    minutes.set(minute, counts);
  }
  const most = Math.max(0, ...[...minutes.values()].map((counts) => counts.reduce((a, b) => a + b, 0)));
  const maximum = nice(Math.max(most, 1));
  const total = [...sums.values()].reduce((a, b) => a + b, 0);
  const chart = frame(t("chart.events", { total: number(total), most: number(most) }), maximum,
    (value) => number(value, { notation: "compact" }), (until - 59 * 60) * 1000, (until + 60) * 1000);
  const step = (width - left - right) / 60;
  for (const [minute, counts] of minutes) {
    // The database's clock may differ from the browser's.
    if (minute > until || minute < until - 59 * 60) continue;
    let base = 0;
    counts.forEach((events, place) => {
      if (!events) return;
      const size = (height - top - bottom) * events / maximum;
      const bar = svg("rect", {
        x: (left + step * (59 - (until - minute) / 60) + 0.1 * step).toFixed(2), width: (0.8 * step).toFixed(2),
        y: (height - bottom - base - size).toFixed(2), height: Math.max(size, 0.6).toFixed(2), class: `bar c${place}`,
      });
      const title = svg("title");
      title.textContent = `${clock(new Date(minute * 1000))} · ${leading[place] ?? t("chart.others")} · ${number(events)}`;
      bar.append(title);
      chart.append(bar);
      base += size;
    });
  }
  const legend = h("ul", { class: "legend" }, places.map((model, place) =>
    h("li", {}, svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("rect", { width: 12, height: 12, rx: 3, class: `bar c${model === null ? 5 : place}` })),
      model === null ? t("chart.others") : h("bdi", {}, model))));
  const sorted = [...minutes.entries()].filter(([minute]) => minute >= first).sort((a, b) => b[0] - a[0]);
  return h("figure", {}, chart, legend,
    h("details", {}, h("summary", {}, t("chart.table")),
      table(t("chart.events.caption"), [
        { head: t("chart.minute"), primary: true, cell: ([minute]) => clock(new Date(minute * 1000)) },
        ...places.map((model, place) => ({
          head: model === null ? t("chart.others") : h("bdi", {}, model), number: true,
          cell: ([, counts]) => number(counts[model === null ? 5 : place]),
        })),
      ], sorted)));
}
