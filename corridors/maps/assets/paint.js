// Painting: a canvas that follows the map, and what goes on it from the sea up to the symbols.

// One canvas for a whole sheet of things. L.Renderer keeps it in place while the map moves.
const Sheet = L.Renderer.extend({
  initialize(paint, options) {
    this._paint = paint;
    L.Renderer.prototype.initialize.call(this, options);
  },
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, this._bounds.min);
    canvas.width = Math.round(size.x * ratio);
    canvas.height = Math.round(size.y * ratio);
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    this.repaint();
  },
  repaint() {
    if (!this._map || !this._bounds) return;
    const ratio = this._container.width / this._bounds.getSize().x;
    const ctx = this._container.getContext("2d");
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this._container.width, this._container.height);
    const { min } = this._bounds;
    ctx.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
    ctx.lineJoin = "round";
    this._paint(ctx, viewOf(this._map, this._bounds));
  },
});

// Countries and sea; keeps the outlines on screen for placing the countries' names.
class BaseMap {
  constructor(base, palette) {
    this.countries = base.countries;
    this.seas = base.seas;
    this.palette = palette;
    this.rings = new Lines(base.rings);
    this.owner = base.owner;
    const [[south, west], [north, east]] = base.area;
    this.area = [worldX(west), worldY(north), worldX(east), worldY(south)];
    this.outlines = [];
  }

  paint(ctx, view) {
    const { palette } = this;
    const [west, north, east, south] = this.area;
    const frame = [view.px(west), view.py(north), view.px(east), view.py(south)];
    ctx.fillStyle = palette.outside;
    ctx.fillRect(view.left, view.top, view.right - view.left, view.bottom - view.top);
    ctx.fillStyle = palette.sea;
    ctx.fillRect(frame[0], frame[1], frame[2] - frame[0], frame[3] - frame[1]);
    this.outlines = this.countries.map(() => null);
    for (let i = 0; i < this.rings.size; i += 1) {
      if (!this.rings.touches(i, view, 4)) continue;
      const path = this.rings.onScreen(i, view);
      const owner = this.owner[i];
      this.outlines[owner] = this.outlines[owner] || { fill: new Path2D(), edge: new Path2D() };
      trace(this.outlines[owner].fill, path);
      this.outlines[owner].fill.closePath();
      edges(this.outlines[owner].edge, path, frame);
    }
    this.outlines.forEach((outline, i) => {
      if (!outline) return;
      ctx.fillStyle = this.countries[i].core ? palette.core : palette.land;
      ctx.fill(outline.fill, "evenodd");
    });
    ctx.strokeStyle = palette.boundary;
    ctx.lineWidth = view.zoom < 7 ? 1 : 1.5;
    for (const outline of this.outlines) if (outline) ctx.stroke(outline.edge);
  }
}

// The outline without what runs along the edge of the area: that is a cut, no boundary.
function edges(target, path, [left, top, right, bottom]) {
  const on = (a, b, line) => Math.abs(a - line) < 0.6 && Math.abs(b - line) < 0.6;
  let drawing = false;
  for (let i = 0; i + 3 < path.length; i += 2) {
    const [ax, ay, bx, by] = [path[i], path[i + 1], path[i + 2], path[i + 3]];
    if (on(ax, bx, left) || on(ax, bx, right) || on(ay, by, top) || on(ay, by, bottom)) {
      drawing = false;
      continue;
    }
    if (!drawing) target.moveTo(ax, ay);
    target.lineTo(bx, by);
    drawing = true;
  }
}

// Links by layer, flows beside each other, symbols on top.
class NetworkSheet {
  constructor(model) {
    this.model = model;
    this.selected = null;
  }

  paint(ctx, view) {
    const { model } = this;
    for (const group of model.groups) if (model.visible[group.id]) this.paintGroup(ctx, view, group);
    if (this.selected && this.selected.kind === "link") this.halo(ctx, model.lines.onScreen(this.selected.row, view), 9);
    this.paintFlows(ctx, view);
    for (const layer of model.results) if (model.visible[layer.id]) layer.paint(ctx, view, model.palette, this.selected);
    this.paintSymbols(ctx, view);
    this.paintMarks(ctx, view);
  }

  paintGroup(ctx, view, group) {
    const { model } = this;
    const grown = Math.min(1.7, Math.max(0.75, 0.75 + (view.zoom - 5.5) * 0.2));
    ctx.beginPath();
    for (const row of group.rows) {
      if (model.lines.touches(row, view, 4)) trace(ctx, model.lines.onScreen(row, view));
    }
    ctx.globalAlpha = model.faint ? 0.4 : 1;
    ctx.strokeStyle = group.colour;
    ctx.lineWidth = group.width * grown;
    ctx.lineCap = "butt";
    ctx.setLineDash(group.dash);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  halo(ctx, path, width) {
    ctx.beginPath();
    trace(ctx, path);
    ctx.strokeStyle = this.model.palette.selected;
    ctx.lineWidth = width;
    ctx.lineCap = "round";
    ctx.stroke();
  }

  paintFlows(ctx, view) {
    const shown = this.model.flows.filter((flow) => this.model.visible[flow.id]);
    const lanes = assignLanes(shown);
    const grown = Math.min(1.2, Math.max(0.72, 0.72 + (view.zoom - 5) * 0.13));
    // Many flows on one line get narrower lanes, so that the bundle does not bury the country.
    const most = Math.max(1, ...[...lanes.values()].map((lane) => lane.flows.length));
    const lane = Math.max(1.6, (26 + 8 * Math.max(0, view.zoom - 5)) / most - LANE_GAP);
    for (const flow of shown) {
      const full = flow.width * grown;
      flow.drawnWidth = this.model.emphasis === flow.id ? full : Math.min(full, lane);
    }
    for (const flow of shown) flow.path = flowPath(flow, lanes, this.model.lines, view);
    ctx.lineCap = "round";
    if (this.selected && this.selected.kind === "flow" && this.model.visible[this.selected.flow.id]) {
      this.halo(ctx, this.selected.flow.path, this.selected.flow.drawnWidth + 8);
    }
    for (const flow of shown) strokeFlow(ctx, flow, this.model.palette.halo, flow.drawnWidth + 2, []);
    ctx.lineCap = "butt";
    const { emphasis } = this.model;
    const dim = (flow) => (emphasis && emphasis !== flow.id ? 0.15 : 1);
    for (const flow of [...shown].sort((a, b) => dim(a) - dim(b))) {
      ctx.globalAlpha = dim(flow);
      strokeFlow(ctx, flow, flow.colour, flow.drawnWidth, flow.dash);
      if (flow.core) strokeFlow(ctx, flow, flow.core, flow.drawnWidth * 0.3, flow.dash);
      if (flow.drawnWidth > 2.8) arrows(ctx, flow, view, flow.core || this.model.palette.halo);
    }
    ctx.globalAlpha = 1;
    for (const flow of shown) {
      if (flow.stops && view.zoom >= 6.5) this.paintStops(ctx, view, flow);
    }
  }

  paintStops(ctx, view, flow) {
    const rows = new Set();
    for (const step of flow.steps) {
      const link = Math.abs(step) - 1;
      rows.add(this.model.from[link]).add(this.model.to[link]);
    }
    for (const row of rows) {
      const [x, y] = this.model.placeOnScreen(row, view);
      ctx.beginPath();
      ctx.arc(x, y, 1.9, 0, 2 * Math.PI);
      ctx.fillStyle = this.model.palette.halo;
      ctx.fill();
    }
  }

  paintSymbols(ctx, view) {
    const { model } = this;
    for (const name of ["station", "town", "port", "gauge", "crossing_open", "crossing_closed"]) {
      if (!model.visible[name]) continue;
      ctx.globalAlpha = model.faint && name !== "town" ? 0.7 : 1;
      for (const row of model.symbolRows[name]) {
        if (!model.symbolShown(row, view.zoom)) continue;
        const [x, y] = model.placeOnScreen(row, view);
        if (x < view.left - 9 || x > view.right + 9 || y < view.top - 9 || y > view.bottom + 9) continue;
        const small = name === "station" || name === "town" ? 1 : Math.min(1.15, 0.72 + (view.zoom - 5) * 0.12);
        drawSymbol(ctx, name, x, y, model.palette, Math.max(0.72, small));
      }
    }
    ctx.globalAlpha = 1;
    if (this.selected && this.selected.kind === "place") {
      const [x, y] = model.placeOnScreen(this.selected.row, view);
      ctx.beginPath();
      ctx.arc(x, y, 11, 0, 2 * Math.PI);
      ctx.strokeStyle = model.palette.selected;
      ctx.lineWidth = 4;
      ctx.stroke();
    }
  }

  paintMarks(ctx, view) {
    const { model } = this;
    for (const mark of model.marks) {
      const [x, y] = model.placeOnScreen(mark.row, view);
      const name = mark.kind === "border" ? model.symbol(mark.row) : mark.kind;
      const drawn = name === "station" || name === "town" ? "crossing_open" : name;
      drawSymbol(ctx, drawn, x, y, model.palette, 1.25);
    }
  }
}

const LANE_GAP = 0.8;

// Which flows run on each link, so that each gets a lane of its own. The first flow on a link says
// which way its lanes are counted: a trunk that many flows share then has no lane that swaps sides.
function assignLanes(flows) {
  const lanes = new Map();
  for (const flow of flows) {
    for (const step of flow.steps) {
      const link = Math.abs(step) - 1;
      if (!lanes.has(link)) lanes.set(link, { flows: [], ahead: step > 0 });
      const lane = lanes.get(link);
      if (!lane.flows.includes(flow)) lane.flows.push(flow);
    }
  }
  return lanes;
}

function laneOffset(flow, step, lanes) {
  const lane = lanes.get(Math.abs(step) - 1);
  const width = lane.flows.reduce((sum, other) => sum + other.drawnWidth + LANE_GAP, 0);
  let offset = -width / 2;
  for (const other of lane.flows) {
    if (other === flow) break;
    offset += other.drawnWidth + LANE_GAP;
  }
  offset += (flow.drawnWidth + LANE_GAP) / 2;
  return (step > 0) === lane.ahead ? offset : -offset;
}

// The whole way of a flow on the screen: stretches in one lane are moved together, then joined.
function flowPath(flow, lanes, lines, view) {
  const path = [];
  let stretch = [];
  let lane = null;
  const finish = () => {
    if (stretch.length >= 4) path.push(...beside(stretch, lane));
    stretch = [];
  };
  for (const step of flow.steps) {
    const offset = laneOffset(flow, step, lanes);
    if (offset !== lane) finish();
    lane = offset;
    const part = lines.onScreen(Math.abs(step) - 1, view, step < 0);
    for (const value of part) stretch.push(value);
  }
  finish();
  return path;
}

function strokeFlow(ctx, flow, colour, width, dash) {
  if (flow.path.length < 4) return;
  ctx.beginPath();
  trace(ctx, flow.path);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

// Small arrowheads along a flow, where it is on screen.
function arrows(ctx, flow, view, colour) {
  const every = 130;
  const half = flow.drawnWidth * 0.38;
  let rest = every / 2;
  const { path } = flow;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  for (let i = 0; i + 3 < path.length; i += 2) {
    const length = Math.hypot(path[i + 2] - path[i], path[i + 3] - path[i + 1]);
    const [dx, dy] = unit(path, i / 2, i / 2 + 1);
    while (rest < length) {
      const x = path[i] + dx * rest;
      const y = path[i + 1] + dy * rest;
      if (x > view.left && x < view.right && y > view.top && y < view.bottom) {
        ctx.moveTo(x - dx * half - dy * half, y - dy * half + dx * half);
        ctx.lineTo(x + dx * half, y + dy * half);
        ctx.lineTo(x - dx * half + dy * half, y - dy * half - dx * half);
      }
      rest += every;
    }
    rest -= length;
  }
  ctx.stroke();
}
