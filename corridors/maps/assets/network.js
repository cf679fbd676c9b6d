// The network's sheet: links by kind and state, results, flows beside each other, symbols on top.

class NetworkSheet {
  constructor(app) {
    Object.assign(this, { app, model: app.model, selected: null });
  }

  paint(ctx, view) {
    const { app, model } = this;
    const { palette } = app.theme;
    if (app.right) {
      const x = app.swipeX();
      this.clipped(ctx, view, view.left, x, () => this.paintWorld(ctx, view, app.left, palette));
      this.clipped(ctx, view, x, view.right, () => this.paintWorld(ctx, view, app.right, palette));
    } else {
      this.paintWorld(ctx, view, app.left, palette);
    }
    this.paintSelected(ctx, view, palette);
    paintFlows(ctx, view, app, this.selected);
    for (const layer of model.results) if (model.visible[layer.id]) layer.paint(ctx, view, palette, this.selected);
    if (app.right) {
      const x = app.swipeX();
      this.clipped(ctx, view, view.left, x, () => this.paintSymbols(ctx, view, app.left, palette));
      this.clipped(ctx, view, x, view.right, () => this.paintSymbols(ctx, view, app.right, palette));
    } else {
      this.paintSymbols(ctx, view, app.left, palette);
    }
    this.paintMarks(ctx, view, palette);
  }

  clipped(ctx, view, left, right, paint) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, view.top, right - left, view.bottom - view.top);
    ctx.clip();
    paint();
    ctx.restore();
  }

  paintWorld(ctx, view, world, palette) {
    const { app, model } = this;
    if (app.right && model.visible.changed) this.paintChanged(ctx, view, palette);
    const grown = Math.min(1.7, Math.max(0.75, 0.75 + (view.zoom - 5.5) * 0.2));
    ctx.globalAlpha = model.faint ? 0.42 : 1;
    ctx.lineCap = "butt";
    for (const kind of model.kinds) {
      if (!model.visible[kind.id]) continue;
      for (const state of model.states) {
        if (!model.visible[state.id] && !kind.stateless) continue;
        const path = this.path(world.rows.get(kind.id).get(state.id), view);
        if (path) strokeKind(ctx, path, kind, state.dash, palette, grown);
      }
    }
    ctx.globalAlpha = 1;
  }

  path(rows, view) {
    let path = null;
    for (const row of rows) {
      if (!this.model.lines.touches(row, view, 4)) continue;
      path = path || new Path2D();
      trace(path, this.model.lines.onScreen(row, view));
    }
    return path;
  }

  // What is not the same on both sides gets a broad band beneath.
  paintChanged(ctx, view, palette) {
    const { links, places } = this.app.differences;
    ctx.strokeStyle = palette.changed;
    ctx.lineCap = "round";
    ctx.lineWidth = view.zoom < 6.5 ? 7 : 11;
    const path = this.path(links.map(({ row }) => row), view);
    if (path) ctx.stroke(path);
    ctx.fillStyle = palette.changed;
    for (const { row } of places) {
      const [x, y] = this.model.placeOnScreen(row, view);
      ctx.beginPath();
      ctx.arc(x, y, 12, 0, 2 * Math.PI);
      ctx.fill();
    }
  }

  paintSelected(ctx, view, palette) {
    if (!this.selected || !this.selected.links) return;
    ctx.strokeStyle = palette.selected;
    ctx.lineCap = "round";
    ctx.lineWidth = 10;
    const path = this.path(this.selected.links, view);
    if (path) ctx.stroke(path);
  }

  paintSymbols(ctx, view, world, palette) {
    const { model } = this;
    for (const name of Object.keys(model.words.symbols)) {
      if (!model.visible[name]) continue;
      ctx.globalAlpha = model.faint && name !== "town" ? 0.7 : 1;
      for (const row of world.symbolRows[name]) {
        if (!model.symbolShown(row, name, view.zoom)) continue;
        const [x, y] = model.placeOnScreen(row, view);
        if (x < view.left - 9 || x > view.right + 9 || y < view.top - 9 || y > view.bottom + 9) continue;
        const small = name === "station" || name === "town" ? 1 : Math.min(1.15, 0.72 + (view.zoom - 5) * 0.12);
        drawSymbol(ctx, name, x, y, palette, Math.max(0.72, small));
      }
    }
    ctx.globalAlpha = 1;
    if (this.selected && this.selected.kind === "place") {
      const [x, y] = model.placeOnScreen(this.selected.row, view);
      ctx.beginPath();
      ctx.arc(x, y, 11, 0, 2 * Math.PI);
      ctx.strokeStyle = palette.selected;
      ctx.lineWidth = 4;
      ctx.stroke();
    }
  }

  paintMarks(ctx, view, palette) {
    const { model } = this;
    for (const mark of model.marks) {
      const [x, y] = model.placeOnScreen(mark.row, view);
      const name = mark.kind === "border" ? this.app.left.symbols[mark.row] : mark.kind;
      const drawn = name === "station" || name === "town" ? "crossing_open" : name;
      drawSymbol(ctx, drawn, x, y, palette, 1.25);
    }
  }
}

// A railway of standard gauge is a double line, one of narrow gauge a thin one: not colour alone.
function strokeKind(ctx, path, kind, dash, palette, grown) {
  const stroke = (colour, width) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    if (path) ctx.stroke(path);
    else ctx.stroke();
  };
  ctx.setLineDash(kind.stateless ? [] : dash);
  stroke(palette[kind.colour], kind.width * grown);
  if (kind.core) stroke(palette.core, kind.width * grown * kind.core);
  ctx.setLineDash([]);
}
