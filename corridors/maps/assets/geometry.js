// Geometry: decode what Python encoded, place it on the screen, run lines beside each other.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const DIGIT_VALUE = new Uint8Array(128);
for (let i = 0; i < DIGITS.length; i += 1) DIGIT_VALUE[DIGITS.charCodeAt(i)] = i;

// Web Mercator with the world as the square from 0 to 1, as Leaflet's own projection has it.
const worldX = (lon) => lon / 360 + 0.5;
const worldY = (lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
const latitude = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
const longitude = (x) => (x - 0.5) * 360;

// Many lines in flat arrays: line i has the points start[i] up to, not including, start[i + 1].
class Lines {
  constructor({ scale, counts, data }) {
    this.size = counts.length;
    this.start = new Int32Array(counts.length + 1);
    counts.forEach((n, i) => { this.start[i + 1] = this.start[i] + n; });
    const total = this.start[counts.length];
    this.x = new Float64Array(total);
    this.y = new Float64Array(total);
    let at = 0;
    const next = () => {
      let value = 0;
      let shift = 1; // a product, not a bit shift: numbers may pass 31 bits
      for (;;) {
        const digit = DIGIT_VALUE[data.charCodeAt(at)];
        at += 1;
        value += (digit & 31) * shift;
        if (digit < 32) return value % 2 ? -(value + 1) / 2 : value / 2;
        shift *= 32;
      }
    };
    let lon = 0;
    let lat = 0;
    for (let p = 0; p < total; p += 1) {
      lon += next();
      lat += next();
      this.x[p] = worldX(lon / scale);
      this.y[p] = worldY(lat / scale);
    }
    this.boxes = this.measure();
  }

  // West, north, east, south of every line, in world units.
  measure() {
    const boxes = new Float64Array(this.size * 4);
    for (let i = 0; i < this.size; i += 1) {
      let [w, n, e, s] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let p = this.start[i]; p < this.start[i + 1]; p += 1) {
        w = Math.min(w, this.x[p]);
        e = Math.max(e, this.x[p]);
        n = Math.min(n, this.y[p]);
        s = Math.max(s, this.y[p]);
      }
      boxes.set([w, n, e, s], i * 4);
    }
    return boxes;
  }

  touches(i, view, margin) {
    const b = i * 4;
    return (
      view.px(this.boxes[b]) <= view.right + margin && view.px(this.boxes[b + 2]) >= view.left - margin &&
      view.py(this.boxes[b + 1]) <= view.bottom + margin && view.py(this.boxes[b + 3]) >= view.top - margin
    );
  }

  // Points of one line on the screen, [x, y, x, y, ...], without those too close to be told apart.
  onScreen(i, view, backwards = false) {
    const first = this.start[i];
    const last = this.start[i + 1] - 1;
    const path = [];
    for (let k = 0; k <= last - first; k += 1) {
      const p = backwards ? last - k : first + k;
      const x = view.px(this.x[p]);
      const y = view.py(this.y[p]);
      const n = path.length;
      const near = n > 0 && Math.abs(x - path[n - 2]) + Math.abs(y - path[n - 1]) < 0.7;
      if (!near || k === last - first) path.push(x, y);
    }
    return path;
  }
}

// The part of the world that a canvas shows, in Leaflet's layer pixels.
function viewOf(map, bounds) {
  const scale = 256 * 2 ** map.getZoom();
  const origin = map.getPixelOrigin();
  return {
    zoom: map.getZoom(),
    px: (x) => x * scale - origin.x,
    py: (y) => y * scale - origin.y,
    left: bounds.min.x,
    top: bounds.min.y,
    right: bounds.max.x,
    bottom: bounds.max.y,
  };
}

// A path moved sideways: to the right of its direction by `distance` pixels.
function beside(path, distance) {
  const clean = path.length > 2 ? withoutRepeats(path) : path;
  const n = clean.length / 2;
  if (!distance || n < 2) return clean;
  const moved = [];
  for (let i = 0; i < n; i += 1) {
    const [ax, ay] = unit(clean, Math.max(i - 1, 0), Math.max(i - 1, 0) + 1);
    const [bx, by] = unit(clean, Math.min(i, n - 2), Math.min(i, n - 2) + 1);
    // At a bend the two offset lines meet on the bisector; a sharp bend is cut off at twice the width.
    let mx = ax + bx;
    let my = ay + by;
    const length = Math.hypot(mx, my);
    if (length < 1e-6) { mx = ax; my = ay; } else { mx /= length; my /= length; }
    const reach = distance / Math.max(0.5, mx * ax + my * ay);
    moved.push(clean[2 * i] - my * reach, clean[2 * i + 1] + mx * reach);
  }
  return moved;
}

function withoutRepeats(path) {
  const kept = [path[0], path[1]];
  for (let i = 2; i < path.length; i += 2) {
    const far = Math.hypot(path[i] - kept[kept.length - 2], path[i + 1] - kept[kept.length - 1]);
    if (far > 0.7) kept.push(path[i], path[i + 1]);
  }
  if (kept.length === 2) kept.push(path[path.length - 2] + 0.01, path[path.length - 1]);
  return kept;
}

function unit(path, i, j) {
  const dx = path[2 * j] - path[2 * i];
  const dy = path[2 * j + 1] - path[2 * i + 1];
  const length = Math.hypot(dx, dy) || 1;
  return [dx / length, dy / length];
}

// Distance in pixels from a point to a path.
function distanceTo(path, x, y) {
  let best = Infinity;
  for (let i = 0; i + 3 < path.length; i += 2) {
    const dx = path[i + 2] - path[i];
    const dy = path[i + 3] - path[i + 1];
    const square = dx * dx + dy * dy;
    const along = square ? ((x - path[i]) * dx + (y - path[i + 1]) * dy) / square : 0;
    const t = Math.min(1, Math.max(0, along));
    best = Math.min(best, Math.hypot(x - path[i] - t * dx, y - path[i + 1] - t * dy));
  }
  return best;
}

function trace(ctx, path) {
  ctx.moveTo(path[0], path[1]);
  for (let i = 2; i < path.length; i += 2) ctx.lineTo(path[i], path[i + 1]);
}
