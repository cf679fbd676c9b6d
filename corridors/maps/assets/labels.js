// Names on the map: placed greedily by importance, none on top of another.

class Labels {
  constructor(app, base) {
    Object.assign(this, { app, map: app.map, model: app.model });
    this.areas = new AreaNames(this, base);
    this.pane = this.map.createPane("names");
    this.pane.classList.add("leaflet-zoom-hide");
    this.pane.setAttribute("aria-hidden", "true");
    this.measure = document.createElement("canvas").getContext("2d");
    this.widths = new Map();
    this.map.on("moveend zoomend resize", () => this.place());
  }

  // While a divider is dragged: not at every step.
  placeSoon() {
    this.soon = this.soon || onceAFrame(() => this.place());
    this.soon();
  }

  place() {
    const size = this.map.getSize();
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    const view = viewOf(this.map, L.bounds(corner, corner.add(size)));
    this.taken = this.covered(corner);
    const names = document.createDocumentFragment();
    if (this.model.visible.names) this.placePlaces(view, names);
    if (!this.model.tiles) this.areas.place(view, names);
    this.pane.replaceChildren(names);
  }

  // Boxes of the controls, which names must not hide under.
  covered(corner) {
    const frame = this.map.getContainer().getBoundingClientRect();
    return [...this.map.getContainer().querySelectorAll(".leaflet-control")].map((control) => {
      const box = control.getBoundingClientRect();
      const [x, y] = [corner.x - frame.left, corner.y - frame.top];
      return [box.left + x, box.top + y, box.right + x, box.bottom + y];
    });
  }

  placePlaces(view, names) {
    const { app, model } = this;
    const seen = [];
    for (const row of model.labelOrder) {
      const [x, y] = model.placeOnScreen(row, view);
      if (x < view.left || x > view.right || y < view.top || y > view.bottom) continue;
      const symbol = app.worldAt({ x, y }).symbols[row];
      if (!symbol || !model.labelShown(row, symbol, view.zoom)) continue;
      const name = model.name(row);
      // A town has a station, a road place and a port: one name is enough for all of them.
      if (seen.some(([other, ox, oy]) => other === name && Math.hypot(ox - x, oy - y) < 90)) continue;
      const style = model.labelStyle(row);
      const width = this.width(name, style.font);
      const box = this.freeBox(x, y, width, style.height, view);
      if (!box) continue;
      this.taken.push(box, [x - 4, y - 4, x + 4, y + 4]);
      seen.push([name, x, y]);
      names.append(this.label(name, style.className, box[0] + 1, box[1]));
    }
  }

  width(name, font) {
    const key = font + name;
    if (!this.widths.has(key)) {
      this.measure.font = font;
      this.widths.set(key, this.measure.measureText(name).width + 3);
    }
    return this.widths.get(key);
  }

  // Right of the point if free, else left, above, below; null if nowhere.
  freeBox(x, y, width, height, view) {
    const half = height / 2;
    const gap = 7;
    const corners = [
      [x + gap, y - half], [x - gap - width, y - half], [x + 3, y - height - 3], [x + 3, y + 3],
      [x - width - 3, y - height - 3], [x - width - 3, y + 3], [x - width / 2, y - height - gap], [x - width / 2, y + gap],
    ];
    for (const [left, top] of corners) {
      const box = [left, top, left + width, top + height];
      const inside = box[0] > view.left && box[2] < view.right && box[1] > view.top && box[3] < view.bottom;
      if (inside && this.isFree(box)) return box;
    }
    return null;
  }

  isFree([left, top, right, bottom]) {
    return !this.taken.some((b) => left < b[2] && right > b[0] && top < b[3] && bottom > b[1]);
  }

  label(name, className, x, y) {
    const node = element("span", { class: `name ${className}`, dir: "auto" }, name);
    L.DomUtil.setPosition(node, L.point(Math.round(x), Math.round(y)));
    return node;
  }
}
