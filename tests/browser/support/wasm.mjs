// As much of WebAssembly's binary format as the tests ask for: https://webassembly.github.io/spec/core/binary/modules.html

const [IMPORTS, EXPORTS, CODE] = [2, 7, 10];
const CALL = 0x10;

/**
 * Reads a module: `exports` maps names of exported functions to their indices, `sizeOf(index)` gives the bytes of a
 * function's body, and `firstCall(index)` the function that the body calls before anything else, or `null`.
 */
export function read(bytes) {
  const sections = new Map();
  let at = 8; // magic number and version
  while (at < bytes.length) {
    const id = bytes[at];
    const [size, begin] = number(bytes, at + 1);
    sections.set(id, begin);
    at = begin + size;
  }

  const exports = new Map();
  let [count, next] = number(bytes, sections.get(EXPORTS));
  for (; count > 0; count -= 1) {
    const [length, begin] = number(bytes, next);
    const name = bytes.toString('utf8', begin, begin + length);
    const kind = bytes[begin + length];
    const [index, end] = number(bytes, begin + length + 1);
    if (kind === 0) exports.set(name, index);
    next = end;
  }

  const imported = importedFunctions(bytes, sections.get(IMPORTS));
  const bodies = [];
  [count, next] = number(bytes, sections.get(CODE));
  for (; count > 0; count -= 1) {
    const [size, begin] = number(bytes, next);
    bodies.push([begin, size]);
    next = begin + size;
  }
  return {
    exports,
    sizeOf: (index) => bodies[index - imported][1],
    firstCall: (index) => {
      let [groups, code] = number(bytes, bodies[index - imported][0]);
      for (; groups > 0; groups -= 1) code = number(bytes, code)[1] + 1; // locals: how many, of which type
      return bytes[code] === CALL ? number(bytes, code + 1)[0] : null;
    },
  };
}

function importedFunctions(bytes, at) {
  let functions = 0;
  let [count, next] = number(bytes, at);
  for (; count > 0; count -= 1) {
    for (let names = 2; names > 0; names -= 1) {
      const [length, begin] = number(bytes, next);
      next = begin + length;
    }
    // wasm-bindgen's programs import functions alone.
    if (bytes[next] !== 0) throw new Error(`an import of kind ${bytes[next]} is not understood`);
    functions += 1;
    next = number(bytes, next + 1)[1];
  }
  return functions;
}

/** An unsigned LEB128 number, and where it ends. */
function number(bytes, at) {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = bytes[at];
    at += 1;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, at];
    scale *= 128;
  }
}
