// The pad: a picture drawn with mouse, finger or keys, or one that was brought, photographed or inverted.

const pad = find("#pad");
const KEPT = 30; // strokes that can be taken back
const STEPS_OF_PEN = 16; // of the keyboard's pen, across the pad

// Draws on the pad; `changed(blob)` is called with its picture as PNG after each stroke, `emptied()` when it is cleared.
function makePad(changed, emptied) {
  const paint = pad.getContext("2d", { willReadFrequently: true });
  const before = [];
  let isCut = false; // whether strokes were made that cannot be taken back any more
  let light = !data.isDark, stroke = null, pen = { x: 8, y: 8, down: false };
  const side = pad.width;

  const ground = () => { paint.fillStyle = light ? "#fff" : "#000"; paint.fillRect(0, 0, side, side); };
  const keep = () => {
    before.push(paint.getImageData(0, 0, side, side));
    if (before.length > KEPT) {
      before.shift();
      isCut = true;
    }
  };
  const told = () => pad.toBlob(changed, "image/png");
  const line = (from, to) => {
    paint.strokeStyle = light ? "#000" : "#fff";
    paint.lineWidth = Number(find("#width").value);
    paint.lineCap = paint.lineJoin = "round";
    paint.beginPath();
    paint.moveTo(from.x, from.y);
    paint.lineTo(to.x, to.y);
    paint.stroke();
  };
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return { x: ((event.clientX - box.left) * side) / box.width, y: ((event.clientY - box.top) * side) / box.height };
  };
  const wipe = () => {
    before.length = 0;
    isCut = false;
    ground();
  };
  const clear = () => {
    wipe();
    emptied();
  };

  pad.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    keep();
    pad.setPointerCapture(event.pointerId);
    stroke = place(event);
    line(stroke, stroke);
  });
  pad.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const next = place(one);
      line(stroke, next);
      stroke = next;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, () => { if (stroke) told(); stroke = null; });
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const at = () => ({ x: ((pen.x + 0.5) * side) / STEPS_OF_PEN, y: ((pen.y + 0.5) * side) / STEPS_OF_PEN });
  pad.addEventListener("keydown", (event) => {
    const from = at();
    if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) { keep(); line(from, from); }
      told();
    } else if (ARROWS[event.key]) {
      const [right, down] = ARROWS[event.key];
      pen.x = Math.min(STEPS_OF_PEN - 1, Math.max(0, pen.x + right));
      pen.y = Math.min(STEPS_OF_PEN - 1, Math.max(0, pen.y + down));
      if (pen.down) line(from, at());
    } else return;
    event.preventDefault();
    find("#pen").textContent = `Pen ${pen.down ? "down" : "up"}, column ${pen.x + 1}, row ${pen.y + 1} of ${STEPS_OF_PEN}.`;
  });
  pad.addEventListener("blur", () => { if (pen.down) { pen.down = false; told(); } find("#pen").textContent = ""; });

  find("#clear").addEventListener("click", clear);
  find("#undo").addEventListener("click", () => {
    if (!before.length) return;
    paint.putImageData(before.pop(), 0, 0);
    if (before.length || isCut) told();
    else emptied();
  });
  find("#invert").addEventListener("click", () => {
    const pixels = paint.getImageData(0, 0, side, side);
    keep();
    for (let place = 0; place < pixels.data.length; place += 1) if (place % 4 !== 3) pixels.data[place] = 255 - pixels.data[place];
    paint.putImageData(pixels, 0, 0);
    light = !light;
    told();
  });
  // A picture, the middle of it where it is not square, as it is on the pad to be drawn on.
  const show = (picture, width, height) => {
    const least = Math.min(width, height);
    keep();
    paint.drawImage(picture, (width - least) / 2, (height - least) / 2, least, least, 0, 0, side, side);
  };
  const photograph = () => {
    const camera = find("#camera");
    const button = find("#photograph");
    const off = () => {
      camera.srcObject?.getTracks().forEach((track) => track.stop());
      camera.srcObject = null;
      camera.hidden = true;
      find("#pen").textContent = "";
      button.setAttribute("aria-pressed", "false");
    };
    if (camera.srcObject) {
      show(camera, camera.videoWidth, camera.videoHeight);
      off();
      told();
      return;
    }
    navigator.mediaDevices.getUserMedia({ video: true }).then((stream) => {
      camera.srcObject = stream;
      camera.hidden = false;
      button.setAttribute("aria-pressed", "true");
      find("#pen").textContent = "The camera is on: press Photograph again to take the picture.";
      return camera.play();
    }).catch((error) => { off(); trouble(`No photograph: ${error.message}`); });
  };
  find("#photograph").addEventListener("click", photograph);
  ground();
  return {
    // Shows a file that was brought; what is asked about is the file itself, until something is drawn on it.
    show: (file) => createImageBitmap(file).then((picture) => show(picture, picture.width, picture.height)).catch(() => {}),
    wipe,
  };
}
