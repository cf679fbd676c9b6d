// Names of countries and seas: each where its visible part is widest and emptiest.

class AreaNames {
  constructor(labels, base) {
    Object.assign(this, { labels, base, app: labels.app, model: labels.model });
    this.scratch = document.createElement("canvas").getContext("2d");
  }

  name(area) { return area.names[this.model.language] || area.names.en; }

  // In capitals, except in Georgian, whose capitals few fonts have.
  capitals(area) {
    const name = this.name(area);
    return /[\u10d0-\u10ff]/.test(name) ? name : name.toUpperCase();
  }

  place(view, names) {
    const grid = { ...this.grid(view), view };
    const { countries, seas } = this.base;
    this.base.outlines.forEach((outline, i) => {
      if (!outline) return;
      const className = countries[i].core ? "country core" : "country";
      this.placeArea(this.capitals(countries[i]), className, grid, (c, r) => grid.owner[r][c] === i, names);
    });
    for (const sea of seas) {
      const [south, west, north, east] = sea.box;
      const [left, right] = [view.px(worldX(west)), view.px(worldX(east))];
      const [top, bottom] = [view.py(worldY(north)), view.py(worldY(south))];
      const isSea = (c, r) => {
        const [x, y] = grid.at(c, r);
        return grid.owner[r][c] === -1 && x > left && x < right && y > top && y < bottom;
      };
      this.placeArea(this.name(sea), "sea", grid, isSea, names);
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
      const holds = ({ box: [left, top, right, bottom], fill }) =>
        x > left && x < right && y > top && y < bottom && this.scratch.isPointInPath(fill, x, y, "evenodd");
      return outlines.findIndex((outline) => outline && holds(outline));
    };
    const owner = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => inside(c, r)));
    const lines = Array.from({ length: rows }, () => new Array(columns).fill(0));
    const { app, model } = this;
    const count = (path, weight) => along(path, CELL / 2, (x, y) => {
      const [c, r] = [Math.floor((x - view.left) / CELL), Math.floor((y - view.top) / CELL)];
      if (lines[r] && c >= 0 && c < columns) lines[r][c] += weight;
    });
    for (let row = 0; row < model.lines.size; row += 1) {
      if (model.lines.touches(row, view, 0) && model.linkShown(row, app.left)) count(model.lines.onScreen(row, view), 1);
    }
    for (const flow of model.flows) if (model.visible[flow.id] && flow.path) count(flow.path, 2);
    return { columns, rows, at, owner, lines };
  }

  placeArea(name, className, grid, isInside, names) {
    const style = AREA_STYLES[className];
    const width = this.labels.width(name, style.font) + name.length * style.spacing;
    const inside = (c, r) => c >= 0 && r >= 0 && c < grid.columns && r < grid.rows && isInside(c, r);
    const half = Math.max(0, Math.ceil(width / CELL / 2 - 0.6));
    const places = [];
    for (let r = 0; r < grid.rows; r += 1) {
      for (let c = 0; c < grid.columns; c += 1) {
        let crossed = 0;
        let fits = true;
        for (let k = c - half; fits && k <= c + half; k += 1) {
          fits = inside(k, r);
          if (fits) crossed += grid.lines[r][k];
        }
        if (fits && crossed < style.most) places.push([Math.min(room(inside, c, r), 4) - 0.9 * crossed, c, r]);
      }
    }
    places.sort((a, b) => b[0] - a[0] || a[2] - b[2] || a[1] - b[1]);
    for (const [, c, r] of places) {
      const [x, y] = grid.at(c, r);
      const box = [x - width / 2, y - 9, x + width / 2, y + 9];
      const shown = box[0] > grid.view.left && box[2] < grid.view.right;
      if (!shown || !this.labels.isFree(box)) continue;
      this.labels.taken.push(box);
      names.append(this.labels.label(name, className, box[0], box[1]));
      return;
    }
  }
}

const CELL = 30;
const AREA_STYLES = {
  // `most`: how often lines may cross the name; the map's own countries are named all the same.
  country: { font: "600 12px system-ui, sans-serif", spacing: 1.92, most: 7 },
  "country core": { font: "600 12px system-ui, sans-serif", spacing: 1.92, most: 40 },
  sea: { font: "italic 14px Georgia, serif", spacing: 1.68, most: 7 },
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
