// Adds to a weight [rows, n], on raw 32-bit words: elements of 32 bits, or (HALF) of 16 bits, two in a word. Added is
//   KIND 0  the product first [rows, rank] * second [rank, n]
//   KIND 1  the elementwise product of that and of third [rows, rank_2] * fourth [rank_2, n]
//   KIND 2  first [rows, n]
//
// Operands: words (read and written), first, second, third, fourth: f32; those that a kind does not use are absent.
// Info: n, rank, rank_2, total (rows * n), line
//   line  workgroups dispatched in x
// Constants: WORKGROUP; HALF; KIND. With HALF an odd total leaves the upper half of the last word as it is.
// Groups to dispatch: with g = ceil(words / WORKGROUP), words = HALF ? ceil(total / 2) : total:
// line = min(g, 65535); (line, ceil(g / line), 1)

fn change(element: u32) -> f32 {
    if (element >= info.total) { return 0.0; }
    if (KIND == 2u) { return load_first(element, 1u).x; }
    let row = element / info.n;
    let column = element % info.n;
    var sum = 0.0;
    for (var k = 0u; k < info.rank; k++) { sum += load_first(row * info.rank + k, 1u).x * load_second(k * info.n + column, 1u).x; }
    if (KIND == 0u) { return sum; }
    var other = 0.0;
    for (var k = 0u; k < info.rank_2; k++) { other += load_third(row * info.rank_2 + k, 1u).x * load_fourth(k * info.n + column, 1u).x; }
    return sum * other;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let word = (workgroup.y * info.line + workgroup.x) * WORKGROUP + thread;
    if (HALF) {
        if (word < (info.total + 1u) / 2u) {
            let sum = unpack2x16float(words[word]) + vec2(change(word * 2u), change(word * 2u + 1u));
            words[word] = pack2x16float(sum);
        }
    } else if (word < info.total) {
        words[word] = bitcast<u32>(bitcast<f32>(words[word]) + change(word));
    }
}
