// Picking: what lies under the pointer, nearest and most particular first.

const coarse = window.matchMedia("(pointer: coarse)").matches;
const REACH = coarse ? 14 : 8;

function pick(app, view, point) {
  const { model } = app;
  const world = app.worldAt(point);
  const found = [];
  const marked = new Set(model.marks.map((mark) => mark.row));
  for (let row = 0; row < model.placeCount; row += 1) {
    const symbol = world.symbols[row];
    if (!symbol) continue;
    if (!marked.has(row) && !(model.visible[symbol] && model.symbolShown(row, symbol, view.zoom))) continue;
    const [x, y] = model.placeOnScreen(row, view);
    const distance = Math.hypot(x - point.x, y - point.y);
    if (distance <= REACH + 2) found.push({ kind: "place", row, order: 0, distance });
  }
  for (const layer of model.results) if (model.visible[layer.id]) found.push(...layer.near(view, point, REACH));
  for (const flow of model.flows) {
    if (!model.visible[flow.id] || !flow.path || flow.path.length < 4) continue;
    const distance = distanceTo(flow.path, point.x, point.y) - flow.drawnWidth / 2;
    if (distance <= REACH - 3) found.push({ kind: "flow", flow, order: 1, distance: Math.max(0, distance) });
  }
  const spot = { ...view, left: point.x, right: point.x, top: point.y, bottom: point.y };
  for (let row = 0; row < model.lines.size; row += 1) {
    if (!model.lines.touches(row, spot, REACH) || !model.linkShown(row, world)) continue;
    const distance = distanceTo(model.lines.onScreen(row, view), point.x, point.y);
    if (distance <= REACH) found.push({ kind: "link", row, links: [row], order: 2, distance });
  }
  found.sort((a, b) => a.order - b.order || a.distance - b.distance);
  return found.slice(0, 8);
}
