// What the map is made of: elements, shapes, colours and the round points. It stands below canvas.js in one module.

const SVG = "http://www.w3.org/2000/svg";

function unpacked({ rows, x, y, style, ...rest }) {
  const bytes = text => Uint8Array.from(atob(text), sign => sign.charCodeAt(0)).buffer;
  return {
    ...rest, rows: new Int32Array(bytes(rows)), x: new Float32Array(bytes(x)), y: new Float32Array(bytes(y)),
    style: new Uint8Array(bytes(style)),
  };
}

function make(tag, name, parent, attributes = {}) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

// The colours of a scale from its low end to its high one.
function strip({ title, low, high, colours }) {
  const bar = make("span", "rv-map-scale", null);
  const band = make("i", "", null, { style: `background: linear-gradient(90deg, ${colours})` });
  bar.append(`${title} ${low}`, band, high);
  return bar;
}

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function extent(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return [low, high];
}

// Whether a place lies in a polygon: a line from it to the right crosses its sides an odd number of times.
function inside(corners, x, y) {
  let odd = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [a, b] = corners[i], [u, v] = corners[j];
    if (b > y !== v > y && x < a + ((y - b) / (v - b)) * (u - a)) odd = !odd;
  }
  return odd;
}

// How much of each pixel a round point covers, times its opacity, in 256ths.
function stamp(size, opacity) {
  const side = Math.ceil(size) + 1, alpha = new Uint16Array(side * side);
  for (let i = 0; i < alpha.length; i++) {
    const away = Math.hypot((i % side) - (side - 1) / 2, Math.floor(i / side) - (side - 1) / 2);
    alpha[i] = Math.round(256 * opacity * Math.min(1, Math.max(0, size / 2 + 0.5 - away)));
  }
  return { side, alpha };
}

// Red, green and blue of "#RRGGBB", and of whatever else a theme may hold.
function colour(text) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.fillStyle = text.trim() || "#FFFFFF";
  const hex = pen.fillStyle;
  if (hex.startsWith("#")) return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  return hex.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function shape(kind, [x, y], size) {
  const r = size / 2;
  if (kind === "diamond") return `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`;
  if (kind !== "star") return `M${x - r} ${y}a${r} ${r} 0 1 0 ${size} 0a${r} ${r} 0 1 0 ${-size} 0Z`;
  const tips = Array.from({ length: 10 }, (_, i) => {
    const long = i % 2 ? 0.382 * r : r, turn = (Math.PI * i) / 5;
    return `${x + long * Math.sin(turn)} ${y - long * Math.cos(turn)}`;
  });
  return `M${tips.join("L")}Z`;
}
