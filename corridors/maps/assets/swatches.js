// Samples of the legend, drawn by the functions that draw the map.

function swatch(sample, width = 30, height = 16) {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const canvas = element("canvas", { width: width * ratio, height: height * ratio, "aria-hidden": "true", class: "swatch" });
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  sample(ctx);
  return canvas;
}

function straight(width = 30, y = 8) {
  const path = new Path2D();
  path.moveTo(1, y);
  path.lineTo(width - 1, y);
  return path;
}

const kindSample = (ctx, kind, palette) => strokeKind(ctx, straight(), kind, [], palette, 1.15);

const stateSample = (ctx, state, palette) =>
  strokeKind(ctx, straight(), { colour: "ink", width: 2 }, state.dash, palette, 1);

function flowSample(ctx, flow, palette) {
  const line = { ...flow, drawnWidth: 5, path: [-50, 8, 29, 8] };
  strokeFlow(ctx, line, palette.flows[flow.colour], 5, flow.dash);
  const core = flow.core && palette[flow.core];
  if (core) strokeFlow(ctx, line, core, 1.5, flow.dash);
  arrows(ctx, line, { left: 0, right: 30, top: 0, bottom: 16 }, core || palette.halo);
}

function widthSample(ctx, width, height, palette) {
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = width;
  ctx.stroke(straight(44, height / 2));
}

function changedSample(ctx, palette) {
  ctx.lineCap = "round";
  ctx.strokeStyle = palette.changed;
  ctx.lineWidth = 11;
  ctx.beginPath();
  ctx.moveTo(7, 8);
  ctx.lineTo(23, 8);
  ctx.stroke();
}

function nameSample(ctx, palette) {
  ctx.fillStyle = palette.ink;
  ctx.font = "600 12px system-ui, sans-serif";
  ctx.textBaseline = "middle";
  ctx.fillText("Aa", 8, 8.5);
}
