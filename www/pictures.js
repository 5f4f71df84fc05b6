// A picture at full size, and saving of many at once. What the engine's page program shows and keeps
// is read from the page's elements and from the browser's storage of earlier pictures.

const MAX_SCALE = 16;
const MIN_SCALE = 0.25;
const ZOOM_STEP = 1.25;

/** The scale at which all of a picture is in sight; small pictures are enlarged. */
export function fitScale([width, height], [roomWide, roomHigh]) {
  return Math.min(roomWide / width, roomHigh / height, MAX_SCALE);
}

/** The view { scale, x, y } with the picture's offset such that no more of the room is empty than need be. */
export function settled({ scale, x, y }, [width, height], [roomWide, roomHigh]) {
  const settle = (offset, size, room) => (
    size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, offset)));
  return { scale, x: settle(x, width * scale, roomWide), y: settle(y, height * scale, roomHigh) };
}

/** The view after a change to `scale` that leaves the picture's point at (atX, atY) in its place. */
export function zoomed(view, scale, [atX, atY], size, room) {
  const wanted = Math.min(MAX_SCALE, Math.max(Math.min(MIN_SCALE, fitScale(size, room)), scale));
  const by = wanted / view.scale;
  return settled({ scale: wanted, x: atX - (atX - view.x) * by, y: atY - (atY - view.y) * by }, size, room);
}

/** Names without repetition: `a.png`, `a (2).png`. */
export function distinct(names) {
  const used = new Set();
  return names.map((name) => {
    const [, stem, end] = /^(.*?)(\.[^.]*)?$/.exec(name);
    let free = name;
    for (let count = 2; used.has(free); count += 1) free = `${stem} (${count})${end ?? ''}`;
    used.add(free);
    return free;
  });
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * The parts of a zip file of { name, bytes }, stored without compression, which PNG files have already.
 * Format: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16. At most 65,535 files and 4 GB.
 */
export function zip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of files) {
    const title = new TextEncoder().encode(name);
    // Version 2.0, names in UTF-8, stored, 1 January 1980, checksum, both lengths, length of the name.
    const common = new DataView(new ArrayBuffer(26));
    [20, 0x0800, 0, 0, 0x21].forEach((value, at) => common.setUint16(at * 2, value, true));
    [crc32(bytes), bytes.length, bytes.length].forEach((value, at) => common.setUint32(10 + at * 4, value, true));
    common.setUint16(22, title.length, true);
    const head = [number(0x04034b50), common.buffer, title];
    // Version made by, then as above; comment, disk and attributes are 0.
    const place = new DataView(new ArrayBuffer(14));
    place.setUint32(10, offset, true);
    directory.push(number(0x02014b50), new Uint8Array([20, 0]), common.buffer, place.buffer, title);
    parts.push(...head, bytes);
    offset += 30 + title.length + bytes.length;
  }
  const size = directory.reduce((sum, part) => sum + part.byteLength, 0);
  const end = new DataView(new ArrayBuffer(18));
  end.setUint16(4, files.length, true);
  end.setUint16(6, files.length, true);
  end.setUint32(8, size, true);
  end.setUint32(12, offset, true);
  return [...parts, ...directory, number(0x06054b50), end.buffer];
}

function number(value) {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, true);
  return bytes.buffer;
}

if (globalThis.document) {
  const byId = (id) => document.getElementById(id);
  startViewer(byId);
  for (const button of document.querySelectorAll('[data-save]')) {
    button.addEventListener('click', () => save(document.querySelectorAll(`${button.dataset.save} button`), button));
  }
}

/** Saves the pictures of these buttons into a folder, or as a zip file where the browser has no folders. */
async function save(buttons, pressed) {
  const found = [...buttons].map((button) => ({
    key: button.dataset.id, name: button.dataset.file, src: button.querySelector('img').getAttribute('src'),
  }));
  const names = distinct(found.map(({ name }) => name));
  // Asked for first: a browser allows it only as the answer to a press.
  const folder = await chooseFolder();
  if (folder === null) return;
  pressed.disabled = true;
  try {
    const files = [];
    for (const [at, { key, src }] of found.entries()) {
      const bytes = await read(key, src);
      if (!bytes) continue; // Another tab has removed it.
      if (folder) await write(folder, names[at], bytes);
      else files.push({ name: names[at], bytes });
    }
    if (!folder) offer(new Blob(zip(files), { type: 'application/zip' }));
  } finally {
    pressed.disabled = false;
    pressed.focus();
  }
}

/** The chosen folder; null if the user chose none, undefined where there are no folders. */
async function chooseFolder() {
  if (!window.showDirectoryPicker) return undefined;
  try {
    return await window.showDirectoryPicker({ id: 'hearth-pictures', mode: 'readwrite', startIn: 'pictures' });
  } catch (error) {
    if (error.name === 'AbortError') return null;
    return undefined; // Not allowed here, as in a frame of another page.
  }
}

/** Writes a file, under another name if that is taken: nothing is overwritten. */
async function write(folder, name, bytes) {
  const taken = [];
  for await (const key of folder.keys()) taken.push(key);
  const [free] = distinct([...taken, name]).slice(-1);
  const file = await (await folder.getFileHandle(free, { create: true })).createWritable();
  await file.write(bytes);
  await file.close();
}

function offer(blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = 'hearth-pictures.zip';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The bytes of a picture: of its file, or of the storage where that was not read yet. */
async function read(key, src) {
  if (src) return new Uint8Array(await (await fetch(src)).arrayBuffer());
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open('hearth-results'));
  try {
    return (await done(database.transaction('files').objectStore('files').get(key)))?.png;
  } finally {
    database.close();
  }
}

function startViewer(byId) {
  const [dialog, stage, picture, other] = ['viewer', 'viewer-stage', 'viewer-picture', 'viewer-other'].map(byId);
  const [choice, split, zoom, saved, canvas, grid] = [
    'viewer-with', 'viewer-split', 'viewer-zoom', 'save', 'picture', 'grid',
  ].map(byId);
  let view = { scale: 1, x: 0, y: 0 };
  let fits = true;
  let opener = null;
  const pointers = new Map();

  const size = () => [picture.naturalWidth || 1, picture.naturalHeight || 1];
  const room = () => [stage.clientWidth, stage.clientHeight];
  const middle = () => room().map((side) => side / 2);

  function draw() {
    const [width, height] = size();
    for (const image of [picture, other]) {
      image.style.width = `${width}px`;
      image.style.height = `${height}px`;
      image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    }
    other.style.clipPath = `inset(0 ${100 - split.value}% 0 0)`;
    stage.toggleAttribute('data-magnified', view.scale > 2);
    zoom.textContent = `${Math.round(view.scale * devicePixelRatio * 100)} %`;
  }
  function fit() {
    fits = true;
    view = settled({ scale: fitScale(size(), room()), x: 0, y: 0 }, size(), room());
    draw();
  }
  function zoomTo(scale, at = middle()) {
    fits = false;
    view = zoomed(view, scale, at, size(), room());
    draw();
  }
  /** A pixel of the picture on each pixel of the screen. */
  function real() {
    zoomTo(1 / devicePixelRatio);
  }
  function pan(x, y) {
    view = settled({ scale: view.scale, x: view.x + x, y: view.y + y }, size(), room());
    draw();
  }

  function refresh() {
    picture.src = grid.hidden ? saved.href : grid.src;
    picture.alt = grid.hidden ? canvas.getAttribute('aria-label') : grid.alt;
    offerOthers();
    compare();
  }
  /** Offers the picture it started from, and the earlier pictures whose files are here. */
  function offerOthers() {
    const before = choice.value;
    const start = choice.querySelector('[value=start]');
    start.hidden = start.disabled = !byId('comparison-truth').hasAttribute('data-drawn');
    for (const option of [...choice.querySelectorAll('[data-earlier]')]) option.remove();
    for (const button of document.querySelectorAll('#history button')) {
      const src = button.querySelector('img').getAttribute('src');
      if (!src || src === picture.getAttribute('src')) continue;
      const option = new Option(button.getAttribute('aria-label'), src);
      option.dataset.earlier = '';
      choice.append(option);
    }
    choice.value = before;
    if (choice.selectedIndex < 0 || choice.selectedOptions[0].disabled) choice.value = '';
  }
  function compare() {
    const with_ = choice.value;
    other.hidden = split.hidden = with_ === '';
    if (with_ === 'start') other.src = byId('comparison-truth').toDataURL();
    else if (with_) other.src = with_;
    else other.removeAttribute('src');
    draw();
  }
  function step(by) {
    const buttons = [...document.querySelectorAll('#history button')];
    const at = buttons.findIndex((button) => button.hasAttribute('aria-current'));
    buttons[at < 0 ? 0 : Math.min(buttons.length - 1, Math.max(0, at + by))]?.click();
  }
  function open() {
    if (byId('frame').dataset.shows !== 'picture' || !byId('batch').hidden) return;
    opener = byId('view-large');
    dialog.showModal();
    fits = true;
    refresh();
    stage.focus();
  }

  const acts = {
    previous: () => step(-1), // The strip begins with the newest.
    next: () => step(1),
    in: () => zoomTo(view.scale * ZOOM_STEP),
    out: () => zoomTo(view.scale / ZOOM_STEP),
    fit,
    real,
    close: () => dialog.close(),
  };
  byId('view-large').addEventListener('click', open);
  canvas.addEventListener('click', open);
  grid.addEventListener('click', open);
  dialog.addEventListener('click', ({ target }) => acts[target.closest('[data-view-act]')?.dataset.viewAct]?.());
  dialog.addEventListener('close', () => {
    choice.value = '';
    compare();
    opener?.focus();
  });
  picture.addEventListener('load', () => {
    if (fits) fit();
    else pan(0, 0);
  });
  // The page's program shows another picture.
  new MutationObserver(() => { if (dialog.open) refresh(); })
    .observe(saved, { attributes: true, attributeFilter: ['href'] });
  new ResizeObserver(() => { if (dialog.open) { if (fits) fit(); else pan(0, 0); } }).observe(stage);
  choice.addEventListener('change', compare);
  split.addEventListener('input', draw);

  dialog.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('select, input')) return;
    const far = event.shiftKey ? 240 : 60;
    const keys = {
      '+': acts.in, '=': acts.in, '-': acts.out, '−': acts.out, 0: fit, 1: real, PageUp: acts.previous, PageDown: acts.next,
      ArrowLeft: () => pan(far, 0), ArrowRight: () => pan(-far, 0), ArrowUp: () => pan(0, far), ArrowDown: () => pan(0, -far),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault(); // Prevents scrolling.
    act();
  });
  stage.addEventListener('wheel', (event) => {
    event.preventDefault();
    const { left, top } = stage.getBoundingClientRect();
    zoomTo(view.scale * 1.0015 ** -event.deltaY, [event.clientX - left, event.clientY - top]);
  }, { passive: false });
  stage.addEventListener('dblclick', () => (fits ? real() : fit()));
  stage.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, [event.clientX, event.clientY]);
    stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const now = [event.clientX, event.clientY];
    const [fixed] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (fixed) {
      const apart = ([x, y]) => Math.max(1, Math.hypot(x - fixed[0], y - fixed[1]));
      const { left, top } = stage.getBoundingClientRect();
      zoomTo(view.scale * (apart(now) / apart(before)), [(now[0] + fixed[0]) / 2 - left, (now[1] + fixed[1]) / 2 - top]);
    } else {
      fits = false;
      pan(now[0] - before[0], now[1] - before[1]);
    }
    pointers.set(event.pointerId, now);
  });
  for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    stage.addEventListener(name, ({ pointerId }) => pointers.delete(pointerId));
  }
}
