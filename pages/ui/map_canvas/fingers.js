// Two fingers move and zoom the map together, whichever tool is chosen; one finger does what the mouse does.

class Fingers {
  constructor(map) {
    this.map = map;
    this.places = new Map(); // pointer → [x, y] in the stage
  }

  // Whether two fingers are down now, so that neither of them draws, moves or picks anything by itself.
  press(event) {
    if (event.pointerType !== "touch") return false;
    this.places.set(event.pointerId, this.map.place(event));
    return this.places.size > 1;
  }

  // Whether the map went along with two fingers.
  pull(event) {
    if (!this.places.has(event.pointerId)) return false;
    const before = this.span();
    this.places.set(event.pointerId, this.map.place(event));
    if (!before) return false;
    const now = this.span();
    this.map.move(now.middle[0] - before.middle[0], now.middle[1] - before.middle[1]);
    if (before.wide > 0) this.map.zoom(now.wide / before.wide, now.middle);
    return true;
  }

  lift(event) {
    this.places.delete(event.pointerId);
  }

  // How far two fingers are apart, and the place between them; null for any other number of fingers.
  span() {
    if (this.places.size !== 2) return null;
    const [[a, b], [x, y]] = this.places.values();
    return { wide: Math.hypot(x - a, y - b), middle: [(a + x) / 2, (b + y) / 2] };
  }
}
