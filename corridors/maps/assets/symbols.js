// Symbols of places. The legend draws its samples with the same functions, so it cannot lie.

const SYMBOLS = {
  // Each draws round (0, 0); `colour` comes from the palette.
  station(ctx, palette) {
    disc(ctx, 2.4, palette.halo, palette.station, 1.3);
  },
  town(ctx, palette) {
    disc(ctx, 3.6, palette.halo, palette.ink, 1.8);
  },
  port(ctx, palette) {
    disc(ctx, 4.6, palette.port, palette.halo, 1.2);
    ctx.beginPath();
    ctx.moveTo(0, -2.6);
    ctx.lineTo(0, 2.4);
    ctx.moveTo(-2.4, 0.6);
    ctx.quadraticCurveTo(0, 4.4, 2.4, 0.6);
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 1.2;
    ctx.stroke();
  },
  gauge(ctx, palette) {
    // Two rails that come closer: the gauge changes.
    square(ctx, 5, palette.halo, palette.gauge, 1.4);
    ctx.beginPath();
    for (const side of [-1, 1]) {
      ctx.moveTo(-3.4, side * 2.8);
      ctx.lineTo(-0.6, side * 2.8);
      ctx.lineTo(0.8, side * 1.2);
      ctx.lineTo(3.4, side * 1.2);
    }
    ctx.lineWidth = 1.1;
    ctx.strokeStyle = palette.gauge;
    ctx.stroke();
  },
  crossing_open(ctx, palette) {
    diamond(ctx, 5, palette.halo, palette.crossing_open, 1.8);
  },
  crossing_closed(ctx, palette) {
    diamond(ctx, 6, palette.crossing_closed, palette.halo, 1);
    ctx.beginPath();
    ctx.moveTo(-1.8, -1.8);
    ctx.lineTo(1.8, 1.8);
    ctx.moveTo(-1.8, 1.8);
    ctx.lineTo(1.8, -1.8);
    ctx.strokeStyle = palette.halo;
    ctx.lineWidth = 1.2;
    ctx.stroke();
  },
  origin(ctx, palette) {
    disc(ctx, 8, palette.ink, palette.halo, 2);
    letter(ctx, "A", palette.halo);
  },
  destination(ctx, palette) {
    disc(ctx, 8, palette.ink, palette.halo, 2);
    letter(ctx, "B", palette.halo);
  },
};

function drawSymbol(ctx, name, x, y, palette, size = 1) {
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size, size);
  ctx.setLineDash([]);
  ctx.lineCap = "round";
  ctx.lineJoin = "round";
  SYMBOLS[name](ctx, palette);
  ctx.restore();
}

function disc(ctx, radius, fill, stroke, width) {
  ctx.beginPath();
  ctx.arc(0, 0, radius, 0, 2 * Math.PI);
  paintShape(ctx, fill, stroke, width);
}

function square(ctx, half, fill, stroke, width) {
  ctx.beginPath();
  ctx.rect(-half, -half, 2 * half, 2 * half);
  paintShape(ctx, fill, stroke, width);
}

function diamond(ctx, half, fill, stroke, width) {
  ctx.beginPath();
  ctx.moveTo(0, -half);
  ctx.lineTo(half, 0);
  ctx.lineTo(0, half);
  ctx.lineTo(-half, 0);
  ctx.closePath();
  paintShape(ctx, fill, stroke, width);
}

function paintShape(ctx, fill, stroke, width) {
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = width;
  ctx.stroke();
}

function letter(ctx, text, colour) {
  ctx.fillStyle = colour;
  ctx.font = "700 10px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, 0, 0.5);
}
