// Convolution weight [o, c, taps] -> [o, taps, c], on raw 32-bit words: elements of 32 bits, or (HALF) of 16 bits, two in a word.
//
// Bindings: source: array<u32>, out: array<u32>
// Info: c, taps, total (o * c * taps), line
//   line  workgroups dispatched in x
// Constants: WORKGROUP; HALF. With HALF an odd total leaves the upper half of the last word 0.
// Groups to dispatch: with n = ceil(words / WORKGROUP), words = HALF ? ceil(total / 2) : total:
// line = min(n, 65535); (line, ceil(n / line), 1)

// The index in the source of an element of the result.
fn source_of(element: u32) -> u32 {
    let channel = element % info.c;
    let tap = element / info.c % info.taps;
    let row = element / (info.c * info.taps);
    return (row * info.c + channel) * info.taps + tap;
}

fn half_at(element: u32) -> u32 {
    if (element >= info.total) { return 0u; }
    let at = source_of(element);
    return (source[at / 2u] >> (16u * (at % 2u))) & 0xffffu;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let word = (workgroup.y * info.line + workgroup.x) * WORKGROUP + thread;
    if (HALF) {
        if (word < (info.total + 1u) / 2u) { out[word] = half_at(word * 2u) | (half_at(word * 2u + 1u) << 16u); }
    } else if (word < info.total) {
        out[word] = source[source_of(word)];
    }
}
