// Countries and sea; keeps the outlines on screen for placing the countries' names.
class BaseMap {
  constructor(base) {
    this.countries = base.countries;
    this.seas = base.seas;
    this.rings = new Lines(base.rings);
    this.owner = base.owner;
    const [[south, west], [north, east]] = base.area;
    this.area = [worldX(west), worldY(north), worldX(east), worldY(south)];
    this.outlines = [];
  }

  paint(ctx, view, palette) {
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
      this.outlines[owner] = this.outlines[owner] || { fill: new Path2D(), edge: new Path2D(), box: [Infinity, Infinity, -Infinity, -Infinity] };
      const { box } = this.outlines[owner];
      const [w, n, e, s] = this.rings.boxes.subarray(i * 4, i * 4 + 4);
      this.outlines[owner].box = [
        Math.min(box[0], view.px(w)), Math.min(box[1], view.py(n)), Math.max(box[2], view.px(e)), Math.max(box[3], view.py(s)),
      ];
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
