// Names on the map: placed greedily by importance, none on top of another.

class Labels {
  constructor(map, model, base) {
    Object.assign(this, { map, model, base });
    this.pane = map.createPane("names");
    this.pane.classList.add("leaflet-zoom-hide");
    this.pane.setAttribute("aria-hidden", "true");
    this.measure = document.createElement("canvas").getContext("2d");
    this.scratch = document.createElement("canvas").getContext("2d");
    this.widths = new Map();
    map.on("moveend zoomend resize", () => this.place());
  }

  place() {
    const size = this.map.getSize();
    const corner = this.map.containerPointToLayerPoint([0, 0]);
    const view = viewOf(this.map, L.bounds(corner, corner.add(size)));
    this.taken = this.covered(corner);
    const names = document.createDocumentFragment();
    if (this.model.visible.names) this.placePlaces(view, names);
    if (!this.model.tiles) this.placeAreas(view, names);
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
    const { model } = this;
    const seen = [];
    for (const row of model.labelOrder) {
      if (!model.labelShown(row, view.zoom)) continue;
      const [x, y] = model.placeOnScreen(row, view);
      if (x < view.left || x > view.right || y < view.top || y > view.bottom) continue;
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

  // Names of countries and seas: each where its visible part is widest and emptiest.
  placeAreas(view, names) {
    const grid = { ...this.grid(view), view };
    const { countries, seas } = this.base;
    this.base.outlines.forEach((outline, i) => {
      if (!outline) return;
      const className = countries[i].core ? "country core" : "country";
      this.placeArea(countries[i].name.toUpperCase(), className, grid, (c, r) => grid.owner[r][c] === i, names);
    });
    for (const { name, box: [south, west, north, east] } of seas) {
      const [left, right] = [view.px(worldX(west)), view.px(worldX(east))];
      const [top, bottom] = [view.py(worldY(north)), view.py(worldY(south))];
      const isSea = (c, r) => {
        const [x, y] = grid.at(c, r);
        return grid.owner[r][c] === -1 && x > left && x < right && y > top && y < bottom;
      };
      this.placeArea(name, "sea", grid, isSea, names);
    }
  }

  // The view in squares: which country each one lies in (-1: none), and how many lines cross it.
  grid(view) {
    const columns = Math.floor((view.right - view.left) / CELL);
    const rows = Math.floor((view.bottom - view.top) / CELL);
    const at = (c, r) => [view.left + (c + 0.5) * CELL, view.top + (r + 0.5) * CELL];
    const { outlines } = this.base;
    const inside = (c, r) => {
      const [x, y] = at(c, r);
      return outlines.findIndex((outline) => outline && this.scratch.isPointInPath(outline.fill, x, y, "evenodd"));
    };
    const owner = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => inside(c, r)));
    const lines = Array.from({ length: rows }, () => new Array(columns).fill(0));
    const { model } = this;
    const count = (path, weight) => along(path, CELL / 2, (x, y) => {
      const [c, r] = [Math.floor((x - view.left) / CELL), Math.floor((y - view.top) / CELL)];
      if (lines[r] && c >= 0 && c < columns) lines[r][c] += weight;
    });
    for (const group of model.groups) {
      if (!model.visible[group.id]) continue;
      for (const row of group.rows) if (model.lines.touches(row, view, 0)) count(model.lines.onScreen(row, view), 1);
    }
    for (const flow of model.flows) if (model.visible[flow.id] && flow.path) count(flow.path, 2);
    return { columns, rows, at, owner, lines };
  }

  placeArea(name, className, grid, isInside, names) {
    const style = AREA_STYLES[className];
    const width = this.width(name, style.font) + name.length * style.spacing;
    const inside = (c, r) => c >= 0 && r >= 0 && c < grid.columns && r < grid.rows && isInside(c, r);
    const half = Math.max(0, Math.round(width / CELL / 2 - 0.4));
    const places = [];
    for (let r = 0; r < grid.rows; r += 1) {
      for (let c = 0; c < grid.columns; c += 1) {
        let crossed = 0;
        let fits = true;
        for (let k = c - half; fits && k <= c + half; k += 1) {
          fits = inside(k, r);
          if (fits) crossed += grid.lines[r][k];
        }
        if (fits && crossed < 7) places.push([Math.min(room(inside, c, r), 4) - 0.9 * crossed, c, r]);
      }
    }
    places.sort((a, b) => b[0] - a[0] || a[2] - b[2] || a[1] - b[1]);
    for (const [, c, r] of places) {
      const [x, y] = grid.at(c, r);
      const box = [x - width / 2, y - 9, x + width / 2, y + 9];
      const shown = box[0] > grid.view.left && box[2] < grid.view.right;
      if (!shown || !this.isFree(box)) continue;
      this.taken.push(box);
      names.append(this.label(name, className, box[0], box[1]));
      return;
    }
  }
}

const CELL = 30;
const AREA_STYLES = {
  country: { font: "600 12px system-ui, sans-serif", spacing: 1.92 },
  "country core": { font: "600 12px system-ui, sans-serif", spacing: 1.92 },
  sea: { font: "italic 14px Georgia, serif", spacing: 1.68 },
};

// How many squares a square is away from the edge of its area.
function room(inside, c, r) {
  let reach = 0;
  const around = (d) => inside(c, r - d) && inside(c, r + d) && inside(c - d, r) && inside(c + d, r);
  while (reach < 6 && around(reach + 1)) reach += 1;
  return reach;
}

function along(path, every, visit) {
  for (let i = 0; i + 3 < path.length; i += 2) {
    const [dx, dy] = [path[i + 2] - path[i], path[i + 3] - path[i + 1]];
    const steps = Math.min(200, Math.ceil(Math.hypot(dx, dy) / every));
    for (let k = 0; k < steps; k += 1) visit(path[i] + (dx * k) / steps, path[i + 1] + (dy * k) / steps);
  }
}
