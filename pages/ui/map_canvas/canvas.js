// The map in the browser. The page sends the points once; the fragment below sends the seed and its neighbours with
// every hop, and nothing that was drawn before is made again. Points are written into a bitmap here: 20,000 of them
// take about 10 ms on one core without any graphics card, so that a drag can redraw them for every frame. Marks are
// SVG above. Words from data only ever become text nodes. Below this file stand
// shapes.js and fingers.js.

const NEAR = 4; // pixels beyond its edge at which a point still answers the pointer
const STILL = 4; // pixels that a click may move
const STEP = 60; // pixels that an arrow key moves the map
const DIMMED = 0.2; // of its opacity is left to a point that is not selected
const ROOM = 24; // pixels between the outermost points and the edge
const CLOSEST = 400; // times the size at which all can be seen
const ICONS = {
  "Box select": "M4 4h3M10.5 4h3M17 4h3v3M20 10.5v3M20 17v3h-3M13.5 20h-3M7 20H4v-3M4 13.5v-3M4 7V4",
  "Lasso select": "M12 5c5 0 8 2 8 5s-3 5-8 5-8-2-8-5 3-5 8-5M8 14.5c-2 1-2 3.5 0 3.5s3 2 1 3.5",
  "Pan": "M12 3v18M3 12h18M9.5 5.5 12 3l2.5 2.5M9.5 18.5 12 21l2.5-2.5M5.5 9.5 3 12l2.5 2.5M18.5 9.5 21 12l-2.5 2.5",
  "Zoom in": "M4 4h16v16H4zM12 8v8M8 12h8",
  "Zoom out": "M4 4h16v16H4zM8 12h8",
  "Show all": "M4 11 12 4l8 7M6 10v10h12V10",
  "Fullscreen": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
};

let points = null; // the last that a page sent
const maps = new Map(); // element → the map in it

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  if (data.catalogue) {
    points = unpacked(data.catalogue);
    for (const map of maps.values()) map.refresh();
    return undefined;
  }
  const map = maps.get(parentElement) ?? new CatalogueMap(parentElement);
  maps.set(parentElement, map);
  const turn = map.show(data, setStateValue, setTriggerValue);
  return () => {
    if (map.turn !== turn) return; // Streamlit ends an outdated call after the next one has begun
    map.end();
    maps.delete(parentElement);
  };
}

class CatalogueMap {
  constructor(parent) {
    this.turn = 0;
    this.points = null;
    this.tool = "Pan";
    this.hidden = new Set(); // names in the legend
    this.region = null; // corners of the selection, in the units of the points
    this.chosen = null; // for every point 1 if it is selected; null: no selection
    this.drag = null;
    this.fingers = new Fingers(this);
    this.root = make("div", "rv-map", parent);
    this.tools = make("div", "rv-map-tools", this.root, { role: "toolbar", "aria-label": "Map" });
    for (const name of Object.keys(ICONS)) this.addTool(name);
    this.stage = make("div", "rv-map-stage", this.root);
    this.canvas = make("canvas", "rv-map-points", this.stage, { tabindex: 0, role: "application" });
    this.marks = this.stage.appendChild(svg("svg", { class: "rv-map-marks", "aria-hidden": "true" }));
    this.tip = make("div", "rv-map-tip", this.stage, { hidden: "" });
    this.legend = make("div", "rv-map-legend", this.root, { role: "group", "aria-label": "Legend" });
    this.pen = this.canvas.getContext("2d", { alpha: false });
    this.listen();
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(this.stage);
  }

  addTool(name) {
    const button = make("button", "", this.tools, { type: "button", "aria-label": name, title: name });
    const icon = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
    icon.append(svg("path", { d: ICONS[name] }));
    button.append(icon);
    button.addEventListener("click", () => this.use(name));
  }

  use(name) {
    if (name === "Zoom in") this.zoom(1.5);
    else if (name === "Zoom out") this.zoom(1 / 1.5);
    else if (name === "Show all") this.fit();
    else if (name === "Fullscreen") this.fill();
    else this.tool = name;
    for (const button of this.tools.children) {
      const tool = button.getAttribute("aria-label");
      if (["Box select", "Lasso select", "Pan"].includes(tool)) button.ariaPressed = String(tool === this.tool);
    }
    this.stage.dataset.tool = this.tool;
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  // What the fragment says, with every hop; the browser's theme may have changed as well.
  show(data, setState, trigger) {
    Object.assign(this, { data, setState, trigger, pending: null });
    this.canvas.setAttribute("aria-label", data.label);
    this.use(this.tool);
    this.paper = colour(getComputedStyle(this.root).getPropertyValue("--st-background-color"));
    this.refresh();
    return ++this.turn;
  }

  // Take up the points that the fragment speaks of; it may have spoken before they came.
  refresh() {
    if (points?.key === this.data.points && this.points !== points) {
      const again = this.points?.key === points.key;
      this.points = points;
      if (!again) Object.assign(this, { region: null, chosen: null, hidden: new Set() });
      if (!again) this.fit();
    }
    if (this.points?.key !== this.data.points) return;
    this.drawLegend();
    this.drawPoints();
    this.drawMarks();
  }

  end() {
    this.resized.disconnect();
    this.root.remove();
  }

  // --- where things are: `middle` of the view in the units of the points, `scale` in pixels a unit ---

  fit() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!this.points || !width || !height) return;
    const [left, right] = extent(this.points.x), [low, high] = extent(this.points.y);
    const across = (width - 2 * ROOM) / (right - left), up = (height - 2 * ROOM) / (high - low);
    this.whole = Math.min(across, up); // one unit is as long up as across: distances may be compared
    if (!Number.isFinite(this.whole)) this.whole = 1; // all in one place
    Object.assign(this, { scale: this.whole, middle: [(left + right) / 2, (low + high) / 2] });
    this.redraw();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.stage, fine = devicePixelRatio || 1;
    if (!width || !height) return;
    const before = this.width;
    Object.assign(this, { width, height, fine });
    this.canvas.width = Math.round(width * fine);
    this.canvas.height = Math.round(height * fine);
    this.bitmap = this.pen.createImageData(this.canvas.width, this.canvas.height);
    if (this.scale === undefined || this.scale === this.whole || !before) this.fit();
    this.drawPoints();
    this.drawMarks();
  }

  at(x, y) {
    return [(x - this.middle[0]) * this.scale + this.width / 2, this.height / 2 - (y - this.middle[1]) * this.scale];
  }

  under(x, y) {
    return [(x - this.width / 2) / this.scale + this.middle[0], (this.height / 2 - y) / this.scale + this.middle[1]];
  }

  zoom(times, [x, y] = [this.width / 2, this.height / 2]) {
    const fixed = this.under(x, y);
    this.scale = Math.min(CLOSEST * this.whole, Math.max(this.whole / 2, this.scale * times));
    const moved = this.under(x, y);
    this.middle = [this.middle[0] + fixed[0] - moved[0], this.middle[1] + fixed[1] - moved[1]];
    this.redraw();
  }

  move(across, down) {
    this.middle = [this.middle[0] - across / this.scale, this.middle[1] + down / this.scale];
    this.redraw();
  }

  redraw() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.drawPoints();
      this.drawMarks();
    });
  }

  // --- drawing ---

  // For every style of points whether the legend shows it.
  shownStyles() {
    return this.points.styles.map(one => !this.hidden.has(one.words));
  }

  shownRuns() {
    return this.data.runs.filter(one => !this.hidden.has(one.name));
  }

  drawPoints() {
    if (!this.points || !this.bitmap || !this.middle) return;
    const { x, y, style, styles, size } = this.points, { width, height } = this.bitmap;
    const pixels = new Uint32Array(this.bitmap.data.buffer); // 0xAABBGGRR
    pixels.fill(0xff000000 | (this.paper[2] << 16) | (this.paper[1] << 8) | this.paper[0]);
    const full = styles.map(one => stamp(size * this.fine, one.opacity)), inks = styles.map(one => colour(one.colour));
    const dim = styles.map(one => stamp(size * this.fine, one.opacity * DIMMED));
    const shown = this.shownStyles(), side = full[0].side;
    const scale = this.scale * this.fine, left = width / 2 - this.middle[0] * scale - side / 2;
    const top = height / 2 + this.middle[1] * scale - side / 2;
    for (let i = 0; i < x.length; i++) {
      const across = Math.round(x[i] * scale + left), down = Math.round(top - y[i] * scale), kind = style[i];
      if (across < 0 || down < 0 || across + side > width || down + side > height || !shown[kind]) continue;
      const [red, green, blue] = inks[kind], { alpha } = (this.chosen && !this.chosen[i] ? dim : full)[kind];
      for (let v = 0, j = 0, k = down * width + across; v < side; v++, k += width - side)
        for (let u = 0; u < side; u++, j++, k++) {
          const a = alpha[j], under = pixels[k], r = under & 255, g = (under >> 8) & 255, b = (under >> 16) & 255;
          pixels[k] = 0xff000000 | ((b + (((blue - b) * a) >> 8)) << 16) | ((g + (((green - g) * a) >> 8)) << 8)
            | (r + (((red - r) * a) >> 8));
        }
    }
    this.pen.putImageData(this.bitmap, 0, 0);
  }

  drawMarks() {
    if (!this.middle || !this.width) return;
    this.marks.replaceChildren();
    const { seed } = this.data, star = this.at(seed.x, seed.y);
    for (const run of this.pending ? [] : this.shownRuns()) {
      const ends = run.videos.map(video => this.at(video.x, video.y));
      const spokes = ends.map(end => `M${star}L${end}`).join("");
      this.marks.append(svg("path", { class: "rv-map-spokes", d: spokes, stroke: run.colour }));
      for (const end of ends)
        this.marks.append(svg("path", { "data-run": run.run, d: shape(run.shape, end, run.size), stroke: run.colour }));
    }
    if (this.region)
      this.marks.append(svg("polygon", { points: this.region.map(corner => this.at(...corner)).join(" ") }));
    const place = this.pending ? this.at(this.pending.x, this.pending.y) : star;
    if (!this.hidden.has("seed video"))
      this.marks.append(svg("path", { class: "rv-map-seed", d: shape("star", place, 30) }));
  }

  drawLegend() {
    const { styles, scale } = this.points, entries = [];
    if (!scale) entries.push(...styles.map(one => [one.words, shape("dot", [7, 7], 10), "fill", one.colour]));
    for (const run of this.data.runs) entries.push([run.name, shape(run.shape, [7, 7], 11), "stroke", run.colour]);
    entries.push(["seed video", shape("star", [7, 7], 14), "", ""]);
    const told = JSON.stringify([entries, scale]);
    if (told !== this.told) {
      this.told = told;
      this.legend.replaceChildren(...(scale ? [strip(scale)] : []), ...entries.map(entry => this.entry(...entry)));
    }
    for (const button of this.legend.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(!this.hidden.has(button.textContent)));
  }

  entry(name, path, paint, ink) {
    const button = make("button", "", null, { type: "button", title: "Show or hide; a double click shows it alone" });
    const icon = svg("svg", { viewBox: "0 0 14 14", "aria-hidden": "true" });
    icon.append(svg("path", paint ? { d: path, [paint]: ink } : { d: path, class: "rv-map-star" }));
    button.append(icon, name);
    button.addEventListener("click", () => {
      if (!this.hidden.delete(name)) this.hidden.add(name);
      this.refresh();
    });
    button.addEventListener("dblclick", () => {
      const others = [...this.legend.querySelectorAll("button")].map(one => one.textContent);
      others.splice(others.indexOf(name), 1);
      this.hidden = new Set(others.every(one => this.hidden.has(one)) ? [] : others);
      this.refresh();
    });
    return button;
  }

  // --- the pointer and the keys ---

  listen() {
    const on = (name, act) => this.canvas.addEventListener(name, act);
    on("pointerdown", event => this.press(event));
    on("pointermove", event => this.fingers.pull(event) || (this.drag ? this.pull(event) : this.point(event)));
    on("pointerup", event => this.release(event));
    on("pointercancel", event => this.stop(event));
    on("pointerleave", () => (this.tip.hidden = true));
    on("dblclick", event => this.double(event));
    on("keydown", event => this.key(event));
    this.canvas.addEventListener("wheel", event => {
      if (!event.ctrlKey) return; // a plain wheel scrolls the page; with Ctrl, and by a pinch, it zooms
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 200), this.place(event));
    }, { passive: false });
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.x, event.clientY - box.y];
  }

  press(event) {
    if (event.button !== 0 || !this.points) return;
    this.canvas.setPointerCapture(event.pointerId);
    if (this.fingers.press(event)) return this.stop();
    const from = this.place(event), { region, chosen } = this;
    this.drag = { from, last: from, moved: false, path: [this.under(...from)], before: { region, chosen } };
  }

  // What was begun is not done: a second finger came down, or the browser took the pointer away.
  stop(event) {
    if (event) this.fingers.lift(event);
    if (this.drag) Object.assign(this, this.drag.before, { drag: null });
    this.tip.hidden = true;
    this.redraw();
  }

  pull(event) {
    const [x, y] = this.place(event), { from, last } = this.drag;
    this.drag.moved ||= Math.hypot(x - from[0], y - from[1]) >= STILL;
    if (!this.drag.moved) return;
    this.tip.hidden = true;
    this.drag.last = [x, y];
    if (this.tool === "Pan") return this.move(x - last[0], y - last[1]);
    const [a, b] = this.drag.path[0], [u, v] = this.under(x, y);
    if (this.tool === "Lasso select") this.drag.path.push([u, v]);
    this.region = this.tool === "Lasso select" ? this.drag.path : [[a, b], [u, b], [u, v], [a, v]];
    this.choose();
    this.redraw();
  }

  release(event) {
    const drag = this.drag;
    this.drag = null;
    this.fingers.lift(event);
    if (drag?.moved && this.tool !== "Pan") this.select(this.region);
    const video = drag && !drag.moved && this.tool === "Pan" && this.found(event);
    if (!video) return;
    this.pending = video; // the star moves at once; its neighbours come with the answer
    this.drawMarks();
    this.trigger("picked", video.row);
  }

  double(event) {
    if (this.tool === "Pan" && this.found(event)) return; // the first click has made it the seed
    if (this.chosen) this.select(null);
    else this.fit();
  }

  point(event) {
    const video = this.found(event);
    this.stage.classList.toggle("rv-map-over", Boolean(video));
    this.tip.hidden = !video;
    if (!video) return;
    const [x, y] = this.at(video.x, video.y), title = make("b", "", null, { dir: "auto" });
    title.append(video.title);
    this.tip.replaceChildren(title, video.words);
    const left = Math.min(x + 12, this.width - this.tip.offsetWidth - 4);
    this.tip.style.translate = `${Math.max(4, left)}px ${y + 40 < this.height ? y + 12 : y - 52}px`;
  }

  key(event) {
    const moves = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
    if (event.ctrlKey || event.metaKey || event.altKey || !this.points) return;
    if (moves[event.key]) this.move(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoom(1.5);
    else if (event.key === "-") this.zoom(1 / 1.5);
    else if (event.key === "0") this.fit();
    else if (event.key === "Escape" && this.chosen) this.select(null);
    else return;
    event.preventDefault();
  }

  // The video at the pointer: a neighbour, which may not be among the points, else the nearest point.
  found(event) {
    if (!this.points) return null;
    const [left, top] = this.place(event), { x, y, style, styles, titles, rows, size } = this.points;
    let nearest = size / 2 + NEAR, video = null;
    const shown = this.shownStyles(), [across, up] = this.under(left, top);
    let best = (nearest / this.scale) ** 2, place = -1;
    for (let i = 0; i < x.length; i++) {
      const gap = (x[i] - across) ** 2 + (y[i] - up) ** 2;
      if (gap < best && shown[style[i]]) [best, place] = [gap, i];
    }
    if (place >= 0) {
      nearest = Math.sqrt(best) * this.scale;
      video = { row: rows[place], x: x[place], y: y[place], title: titles[place], words: styles[style[place]].words };
    }
    for (const one of this.shownRuns().flatMap(run => run.videos)) {
      const [u, v] = this.at(one.x, one.y), gap = Math.hypot(u - left, v - top);
      if (gap < nearest) [nearest, video] = [gap, one];
    }
    return video;
  }

  // --- the selection ---

  choose() {
    const { x, y, style } = this.points, shown = this.shownStyles();
    const [left, right] = extent(this.region.map(corner => corner[0]));
    const [low, high] = extent(this.region.map(corner => corner[1]));
    this.chosen = new Uint8Array(x.length);
    for (let i = 0; i < x.length; i++) {
      const near = x[i] >= left && x[i] <= right && y[i] >= low && y[i] <= high && shown[style[i]];
      if (near && inside(this.region, x[i], y[i])) this.chosen[i] = 1;
    }
  }

  select(region) {
    this.region = region;
    if (region) this.choose();
    else this.chosen = null;
    this.redraw();
    const rows = region ? [...this.points.rows].filter((_, i) => this.chosen[i]) : [];
    this.setState("selected", { points: this.points.key, rows });
  }
}
