// Counts what a page asks of WebGPU: dispatches since the last `restart`, and from the beginning on the
// pipelines and the bytes of buffers at their most.

export function meter() {
  const counts = { dispatches: 0, pipelines: 0, peak_bytes: 0 };
  const undo = [];
  let bytes = 0;
  const sizes = new WeakMap();
  const wrap = (type, method, before, after) => {
    const original = type.prototype[method];
    type.prototype[method] = function wrapped(...given) {
      before?.(this);
      const result = original.apply(this, given);
      after?.(result, ...given);
      return result;
    };
    undo.push(() => { type.prototype[method] = original; });
  };
  wrap(GPUComputePassEncoder, 'dispatchWorkgroups', () => { counts.dispatches += 1; });
  wrap(GPUComputePassEncoder, 'dispatchWorkgroupsIndirect', () => { counts.dispatches += 1; });
  wrap(GPUDevice, 'createComputePipeline', () => { counts.pipelines += 1; });
  wrap(GPUDevice, 'createComputePipelineAsync', () => { counts.pipelines += 1; });
  wrap(GPUDevice, 'createBuffer', null, (buffer, { size }) => {
    sizes.set(buffer, size);
    bytes += size;
    counts.peak_bytes = Math.max(counts.peak_bytes, bytes);
  });
  wrap(GPUBuffer, 'destroy', (buffer) => {
    bytes -= sizes.get(buffer) ?? 0;
    sizes.delete(buffer);
  });
  return {
    counts,
    restart: () => { counts.dispatches = 0; },
    stop: () => {
      for (const one of undo) one();
      return counts;
    },
  };
}
