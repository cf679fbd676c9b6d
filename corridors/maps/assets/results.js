// Results of an analysis: lines as wide, and points with as much area, as their value is large.

const RESULT_LINE = [2.2, 15];
const RESULT_RADIUS = [3, 19];

class ResultLayer {
  constructor(data) {
    Object.assign(this, data);
    this.shapes = new Lines(data.geometry);
    this.largest = this.size.reduce((most, value) => Math.max(most, value || 0), 0);
    // Large ones first, so that small ones lie on top of them and can be seen and clicked.
    this.order = [...this.size.keys()].sort((a, b) => (this.size[b] || 0) - (this.size[a] || 0) || a - b);
    this.partsOf = this.size.map(() => []);
    this.owner.forEach((row, part) => this.partsOf[row].push(part));
  }

  get isLines() { return this.kind === "lines"; }

  share(value) { return this.largest ? (value || 0) / this.largest : 0; }

  // Width of a line or radius of a point, in pixels.
  extent(value) {
    const [least, most] = this.isLines ? RESULT_LINE : RESULT_RADIUS;
    const share = this.isLines ? this.share(value) : Math.sqrt(this.share(value));
    return Math.max(least, most * share);
  }

  paint(ctx, view, palette, selected) {
    ctx.lineCap = "round";
    for (const row of this.order) {
      const extent = this.extent(this.size[row]);
      const chosen = selected && selected.layer === this && selected.row === row;
      for (const part of this.partsOf[row]) {
        if (!this.shapes.touches(part, view, extent)) continue;
        const path = this.shapes.onScreen(part, view);
        this.mark(ctx, path, extent, palette, Boolean(this.size[row]), chosen);
      }
    }
    ctx.globalAlpha = 1;
  }

  mark(ctx, path, extent, palette, solid, chosen) {
    if (this.isLines) this.paintLine(ctx, path, extent, palette, solid, chosen);
    else this.paintPoint(ctx, path, extent, palette, solid, chosen);
  }

  paintLine(ctx, path, width, palette, solid, chosen) {
    const stroke = (colour, w, alpha) => {
      ctx.beginPath();
      trace(ctx, path);
      ctx.globalAlpha = alpha;
      ctx.strokeStyle = colour;
      ctx.lineWidth = w;
      ctx.stroke();
    };
    if (chosen) stroke(palette.selected, width + 7, 1);
    stroke(palette.halo, width + 2, 0.9);
    stroke(palette.result, width, 0.9);
    if (!solid) stroke(palette.halo, width * 0.4, 1);
  }

  paintPoint(ctx, [x, y], radius, palette, solid, chosen) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.globalAlpha = 0.75;
    ctx.fillStyle = solid ? palette.result : palette.halo;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = chosen ? palette.selected : solid ? palette.halo : palette.result;
    ctx.lineWidth = chosen ? 4 : 1.3;
    ctx.stroke();
  }

  // Rows near a point of the screen with their distances, the smallest marks first.
  near(view, point, reach) {
    const found = [];
    for (const row of this.order) {
      const extent = this.extent(this.size[row]) / (this.isLines ? 2 : 1);
      for (const part of this.partsOf[row]) {
        const path = this.shapes.onScreen(part, view);
        const away = path.length > 2 ? distanceTo(path, point.x, point.y) : Math.hypot(path[0] - point.x, path[1] - point.y);
        if (away <= extent + reach / 2) found.push({ kind: "result", layer: this, row, order: -1, distance: extent });
      }
    }
    return found;
  }

  // Three round values that span the sizes, for the legend.
  classes() {
    if (!this.size.some((value) => (value || 0) !== this.largest)) return [];
    return [1, 0.4, 0.1].map((share) => Number((this.largest * share).toPrecision(share === 1 ? 2 : 1)));
  }

  // Samples for the legend, as large as on the map: [label, height, draw].
  samples(palette) {
    return this.classes().map((value) => {
      const extent = this.extent(value);
      const height = Math.max(16, (this.isLines ? extent : 2 * extent) + 4);
      const path = this.isLines ? [8, height / 2, 36, height / 2] : [22, height / 2];
      return [figure(value, 3), height, (ctx) => this.mark(ctx, path, extent, palette, true, false)];
    });
  }

  sample(ctx, palette) {
    this.mark(ctx, this.isLines ? [3, 8, 27, 8] : [15, 8], 6, palette, true, false);
  }
}
