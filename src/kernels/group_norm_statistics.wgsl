// Group norm, first of two passes: partial statistics of every group over chunks of the image.
//
//   x [b, pixels, c1], x2 [b, pixels, c2] (optional) -> statistics [b, groups, chunks, 4] f32
//
// The C = c1 + c2 channels are those of x followed by those of x2; a group is C / groups neighbouring channels and may
// straddle the border. A record is (count, mean, sum of squared deviations from that mean, 0).
//
// Operands: x, x2 (optional), statistics (the output). x and x2 are "aligned" only where both c1 and c2 are multiples of 4.
// Info: chunks, pixels, c1, c2, groups, slab_groups, chunk
//   slab_groups  groups of a workgroup: slab_groups * C / groups <= 128, or 1
//   chunk        pixels of a workgroup; chunks = ceil(pixels / chunk)
// Constants: WORKGROUP; SERIAL: one invocation for a group of a chunk, without workgroup memory (for software adapters).
// Groups to dispatch: (chunks, ceil(groups / slab_groups), b); SERIAL: (ceil(chunks * groups / WORKGROUP), 1, b)

// The quad of a channel.
fn quad_of(channel: u32) -> u32 {
    if (channel < info.c1) { return channel / 4u; }
    return (info.c1 + 3u) / 4u + (channel - info.c1) / 4u;
}

// One value of a group. Sums of differences from it do not cancel where the mean is far larger than the deviation.
fn sample(pixel: u32, channel: u32) -> f32 {
    let quad = quad_of(channel);
    return load_quad(pixel, quad)[channel - channel_of(quad)];
}

struct Sums {
    deviations: vec4<f32>,
    squares: vec4<f32>,
}

// The sums of a quad's differences from `shift` over the pixels begin, begin + step, ... before end, four loads in flight.
fn quad_sums(quad: u32, begin: u32, end: u32, step: u32, shift: vec4<f32>) -> Sums {
    var sums = Sums();
    var pixel = begin;
    for (; pixel + 3u * step < end; pixel += 4u * step) {
        let a = load_quad(pixel, quad) - shift;
        let b = load_quad(pixel + step, quad) - shift;
        let c = load_quad(pixel + 2u * step, quad) - shift;
        let d = load_quad(pixel + 3u * step, quad) - shift;
        sums.deviations += (a + b) + (c + d);
        sums.squares += (a * a + b * b) + (c * c + d * d);
    }
    if (pixel < end) {
        let more = vec2(pixel + step < end, pixel + 2u * step < end);
        let a = load_quad(pixel, quad) - shift;
        let b = select(vec4<f32>(), load_quad(select(pixel, pixel + step, more.x), quad) - shift, more.x);
        let c = select(vec4<f32>(), load_quad(select(pixel, pixel + 2u * step, more.y), quad) - shift, more.y);
        sums.deviations += a + b + c;
        sums.squares += a * a + b * b + c * c;
    }
    return sums;
}

// Which of a quad's channels are before the end of its input and in begin..end.
fn inside(quad: u32, begin: u32, end: u32) -> vec4<bool> {
    let channels = channel_of(quad) + vec4(0u, 1u, 2u, 3u);
    let limit = min(end, select(info.c1, info.c1 + info.c2, quad >= (info.c1 + 3u) / 4u));
    return (channels >= vec4(begin)) & (channels < vec4(limit));
}

fn store_record(at: u32, pixels: u32, shift: f32, sums: vec2<f32>) {
    let count = f32(pixels * ((info.c1 + info.c2) / info.groups));
    let mean = sums.x / count;
    store_statistics(at * 4u, 4u, vec4(count, shift + mean, max(sums.y - sums.x * mean, 0.0), 0.0));
}

// Computes one group of a chunk in one invocation.
fn serial(index: u32, batch: u32) {
    if (index >= info.chunks * info.groups) { return; }
    let chunk = index / info.groups;
    let group = index % info.groups;
    let group_channels = (info.c1 + info.c2) / info.groups;
    let begin = group * group_channels;
    let end = begin + group_channels;
    let pixel_begin = batch * info.pixels + chunk * info.chunk;
    let pixel_end = min(pixel_begin + info.chunk, (batch + 1u) * info.pixels);
    let shift = sample(pixel_begin, begin);
    var sums = vec2<f32>();
    let last = quad_of(end - 1u);
    for (var quad = quad_of(begin); quad <= last; quad++) {
        let part = quad_sums(quad, pixel_begin, pixel_end, 1u, vec4(shift));
        let weights = vec4<f32>(inside(quad, begin, end));
        sums += vec2(dot(part.deviations, weights), dot(part.squares, weights));
    }
    store_record((batch * info.groups + group) * info.chunks + chunk, pixel_end - pixel_begin, shift, sums);
}

var<workgroup> parts: array<vec2<f32>, 4u * WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    if (SERIAL) {
        serial(workgroup.x * WORKGROUP + thread, workgroup.z);
        return;
    }

    // The workgroup's groups, channels, quads and pixels. Invocation = (row, lane): neighbouring lanes read neighbouring
    // quads of a pixel, and a lane keeps its quad over the rows.
    let group_channels = (info.c1 + info.c2) / info.groups;
    let first = workgroup.y * info.slab_groups;
    let groups = min(info.slab_groups, info.groups - first);
    let begin = first * group_channels;
    let end = begin + groups * group_channels;
    let quad_begin = quad_of(begin);
    let quad_end = quad_of(end - 1u) + 1u;
    let lanes = min(quad_end - quad_begin, WORKGROUP);
    let rows = WORKGROUP / lanes;
    let lane = thread % lanes;
    let row = thread / lanes;
    let pixel_begin = workgroup.z * info.pixels + workgroup.x * info.chunk;
    let pixel_end = min(pixel_begin + info.chunk, (workgroup.z + 1u) * info.pixels);

    // `columns` parts a row, `group_columns` neighbouring ones a group. Where no quad belongs to two groups a part is a
    // quad's, else a channel's.
    let whole = groups == 1u || ((info.c1 | info.c2 | group_channels) % 4u) == 0u;
    let columns = select(end - begin, lanes, whole);
    let group_columns = columns / groups;
    if (row < rows) {
        let own = quad_begin + lane;
        let channel = channel_of(own);
        if (whole) {
            let shift = sample(pixel_begin, begin + lane / group_columns * group_channels);
            var sums = vec2<f32>();
            // More than one quad only where a single group is wider than the workgroup.
            for (var quad = own; quad < quad_end; quad += lanes) {
                let part = quad_sums(quad, pixel_begin + row, pixel_end, rows, vec4(shift));
                let weights = vec4<f32>(inside(quad, begin, end));
                sums += vec2(dot(part.deviations, weights), dot(part.squares, weights));
            }
            parts[row * columns + lane] = sums;
        } else {
            let used = inside(own, begin, end);
            var shift = vec4<f32>();
            for (var i = 0u; i < 4u; i++) {
                if (used[i]) { shift[i] = sample(pixel_begin, (channel + i) / group_channels * group_channels); }
            }
            let sums = quad_sums(own, pixel_begin + row, pixel_end, rows, shift);
            let at = row * columns + channel - begin;
            if (used.x) { parts[at] = vec2(sums.deviations.x, sums.squares.x); }
            if (used.y) { parts[at + 1u] = vec2(sums.deviations.y, sums.squares.y); }
            if (used.z) { parts[at + 2u] = vec2(sums.deviations.z, sums.squares.z); }
            if (used.w) { parts[at + 3u] = vec2(sums.deviations.w, sums.squares.w); }
        }
    }
    workgroupBarrier();
    // The rows of a column, then the columns of a group.
    for (var column = thread; column < columns; column += WORKGROUP) {
        var sum = parts[column];
        for (var i = 1u; i < rows; i++) { sum += parts[i * columns + column]; }
        parts[column] = sum;
    }
    workgroupBarrier();
    for (var group = thread; group < groups; group += WORKGROUP) {
        var sum = vec2<f32>();
        for (var i = 0u; i < group_columns; i++) { sum += parts[group * group_columns + i]; }
        let at = (workgroup.z * info.groups + first + group) * info.chunks + workgroup.x;
        store_record(at, pixel_end - pixel_begin, sample(pixel_begin, begin + group * group_channels), sum);
    }
}
