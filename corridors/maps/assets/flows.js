// Flows: as wide as their tonnes, beside each other where they share a line, with their direction.

const LANE_GAP = 0.8;
const FLOW_LEAST = 2.4;
const FLOW_MOST = 11;

// Width by tonnes: the area under a square root, relative to the largest flow that is shown.
function flowWidth(flow, largest) {
  if (!flow.tonnes || !largest) return flow.width;
  return Math.max(FLOW_LEAST, FLOW_MOST * Math.sqrt(flow.tonnes / largest));
}

function largestFlow(model) {
  return Math.max(0, ...model.flows.filter((flow) => model.visible[flow.id]).map((flow) => flow.tonnes || 0));
}

function paintFlows(ctx, view, app, selected) {
  const { model } = app;
  const { palette } = app.theme;
  const shown = model.flows.filter((flow) => model.visible[flow.id]);
  const lanes = assignLanes(shown);
  setWidths(shown, lanes, model, view);
  for (const flow of shown) flow.path = flowPath(flow, lanes, model.lines, view);
  ctx.lineCap = "round";
  if (selected && selected.kind === "flow" && model.visible[selected.flow.id]) {
    strokeFlow(ctx, selected.flow, palette.selected, selected.flow.drawnWidth + 8, []);
  }
  const { emphasis } = model;
  // On another day than the map's own a flow is faint: it belongs to its own date.
  const whole = app.left.day === model.asOf && !(app.right && app.right.day !== model.asOf) ? 1 : 0.3;
  const dim = (flow) => (emphasis && emphasis !== flow.id ? 0.15 : whole);
  for (const flow of shown) {
    ctx.globalAlpha = dim(flow);
    strokeFlow(ctx, flow, palette.halo, flow.drawnWidth + 2, []);
  }
  ctx.lineCap = "butt";
  for (const flow of [...shown].sort((a, b) => dim(a) - dim(b))) {
    ctx.globalAlpha = dim(flow);
    strokeFlow(ctx, flow, palette.flows[flow.colour], flow.drawnWidth, flow.dash);
    const core = flow.core && palette[flow.core];
    if (core) strokeFlow(ctx, flow, core, flow.drawnWidth * 0.3, flow.dash);
    if (flow.drawnWidth > 2.8) arrows(ctx, flow, view, core || palette.halo);
  }
  ctx.globalAlpha = 1;
  if (view.zoom >= 6.5) for (const flow of shown) if (flow.stops) paintStops(ctx, view, flow, model, palette);
}

// The widest bundle of lanes takes no more room than a country can spare; all shrink alike.
function setWidths(shown, lanes, model, view) {
  const grown = Math.min(1.2, Math.max(0.72, 0.72 + (view.zoom - 5) * 0.13));
  const largest = largestFlow(model);
  for (const flow of shown) flow.drawnWidth = flowWidth(flow, largest) * grown;
  const bundle = (lane) => lane.flows.reduce((sum, flow) => sum + flow.drawnWidth, 0);
  const widest = Math.max(1, ...[...lanes.values()].map(bundle));
  const shrink = Math.min(1, (30 + 8 * Math.max(0, view.zoom - 5)) / widest);
  for (const flow of shown) {
    flow.drawnWidth = Math.max(1.6, flow.drawnWidth * shrink);
    if (model.emphasis === flow.id) flow.drawnWidth = Math.max(flow.drawnWidth, 4);
  }
}

function paintStops(ctx, view, flow, model, palette) {
  const rows = new Set();
  for (const step of flow.steps) {
    const link = Math.abs(step) - 1;
    rows.add(model.from[link]).add(model.to[link]);
  }
  ctx.fillStyle = palette.halo;
  for (const row of rows) {
    const [x, y] = model.placeOnScreen(row, view);
    ctx.beginPath();
    ctx.arc(x, y, 1.9, 0, 2 * Math.PI);
    ctx.fill();
  }
}

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
