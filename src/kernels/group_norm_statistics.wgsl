// Group norm, first of two passes: partial statistics of every group over chunks of the picture.
//
//   x [b, pixels, c1], x2 [b, pixels, c2] (optional) -> statistics [b, groups, chunks, 4] f32
//
// The C = c1 + c2 channels are those of x followed by those of x2; a group is C / groups neighbouring channels and may
// straddle the border. A record is (count, mean, sum of squared deviations from that mean, 0).
//
// Operands: x, x2 (optional), statistics (the output). x and x2 are "aligned" only where both c1 and c2 are multiples of 4.
// Info: pixels, c1, c2, groups, slab_groups, chunk, chunks, 0
//   slab_groups  groups of a workgroup: slab_groups * C / groups <= min(128, 2 * WORKGROUP), or 1
//   chunk        pixels of a workgroup; chunks = ceil(pixels / chunk)
// Constants: WORKGROUP; SERIAL: one invocation for a group of a chunk, without workgroup memory (for software adapters).
// Groups to dispatch: (chunks, ceil(groups / slab_groups), b); SERIAL: (ceil(chunks * groups / WORKGROUP), 1, b)

// A quad is up to four neighbouring channels of one of the inputs: the unit of loading.
fn quad_of(channel: u32) -> u32 {
    if (channel < info.c1) { return channel / 4u; }
    return (info.c1 + 3u) / 4u + (channel - info.c1) / 4u;
}

fn load_quad(pixel: u32, quad: u32) -> vec4<f32> {
    let border = (info.c1 + 3u) / 4u;
    if (HAS_X2 && quad >= border) {
        let channel = (quad - border) * 4u;
        return load_x2(pixel * info.c2 + channel, info.c2 - channel);
    }
    return load_x(pixel * info.c1 + quad * 4u, info.c1 - quad * 4u);
}

// The channels of a quad; those outside the input, or outside begin..end, are 0xffffffff.
fn channels_of(quad: u32, begin: u32, end: u32) -> vec4<u32> {
    let border = (info.c1 + 3u) / 4u;
    let second = quad >= border;
    let channels = select(quad * 4u, info.c1 + (quad - border) * 4u, second) + vec4(0u, 1u, 2u, 3u);
    let limit = min(end, select(info.c1, info.c1 + info.c2, second));
    return select(vec4(0xffffffffu), channels, (channels >= vec4(begin)) & (channels < vec4(limit)));
}

struct Moments {
    count: vec4<f32>,
    mean: vec4<f32>,
    m2: vec4<f32>,
}

// The moments of a quad's channels over the pixels begin, begin + step, ... before end. Sums of differences from the first
// pixel: they don't cancel where the mean is far larger than the deviation.
fn quad_moments(quad: u32, begin: u32, end: u32, step: u32) -> Moments {
    if (begin >= end) { return Moments(); }
    let shift = load_quad(begin, quad);
    var sum = vec4<f32>();
    var squares = vec4<f32>();
    var pixel = begin + step;
    // Four loads in flight.
    for (; pixel + 3u * step < end; pixel += 4u * step) {
        let a = load_quad(pixel, quad) - shift;
        let b = load_quad(pixel + step, quad) - shift;
        let c = load_quad(pixel + 2u * step, quad) - shift;
        let d = load_quad(pixel + 3u * step, quad) - shift;
        sum += (a + b) + (c + d);
        squares += (a * a + b * b) + (c * c + d * d);
    }
    for (; pixel < end; pixel += step) {
        let a = load_quad(pixel, quad) - shift;
        sum += a;
        squares += a * a;
    }
    let count = f32((end - begin + step - 1u) / step);
    return Moments(vec4(count), shift + sum / count, max(squares - sum * sum / count, vec4<f32>()));
}

fn merge(a: Moments, b: Moments) -> Moments {
    let count = a.count + b.count;
    let part = b.count / max(count, vec4(1.0));
    let delta = b.mean - a.mean;
    return Moments(count, a.mean + delta * part, a.m2 + b.m2 + delta * delta * a.count * part);
}

var<workgroup> shifts: array<f32, 128>;
var<workgroup> sums: array<vec2<f32>, 4u * WORKGROUP>;
var<workgroup> team_sums: array<vec2<f32>, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let group_channels = (info.c1 + info.c2) / info.groups;

    if (SERIAL) {
        let index = workgroup.x * WORKGROUP + thread;
        if (index >= info.chunks * info.groups) { return; }
        let chunk = index / info.groups;
        let group = index % info.groups;
        let begin = group * group_channels;
        let end = begin + group_channels;
        let pixel_begin = workgroup.z * info.pixels + chunk * info.chunk;
        let pixel_end = min(pixel_begin + info.chunk, (workgroup.z + 1u) * info.pixels);
        var all = Moments();
        for (var quad = quad_of(begin); quad <= quad_of(end - 1u); quad++) {
            var part = quad_moments(quad, pixel_begin, pixel_end, 1u);
            let inside = channels_of(quad, begin, end) != vec4(0xffffffffu);
            part.count = select(vec4<f32>(), part.count, inside);
            part.m2 = select(vec4<f32>(), part.m2, inside);
            all = merge(all, part);
        }
        let count = f32((pixel_end - pixel_begin) * group_channels);
        let mean = dot(all.count, all.mean) / count;
        let delta = all.mean - mean;
        let m2 = dot(all.m2, vec4(1.0)) + dot(all.count, delta * delta);
        store_statistics(((workgroup.z * info.groups + group) * info.chunks + chunk) * 4u, 4u, vec4(count, mean, m2, 0.0));
        return;
    }

    // The workgroup's groups, channels, quads and pixels. Invocation = (row, lane): neighbouring lanes read neighbouring
    // quads of a pixel, and a lane keeps its quad over the rows.
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

    // A lane has more than one quad only where a single group is wider than the workgroup.
    var own = Moments();
    if (row < rows) {
        for (var quad = quad_begin + lane; quad < quad_end; quad += lanes) {
            var part = quad_moments(quad, pixel_begin + row, pixel_end, rows);
            let inside = channels_of(quad, begin, end) != vec4(0xffffffffu);
            part.count = select(vec4<f32>(), part.count, inside);
            part.m2 = select(vec4<f32>(), part.m2, inside);
            own = merge(own, part);
        }
    }

    // One shift for a group, the mean of its first channel in the first row, turns the moments into plain sums.
    let channels = channels_of(quad_begin + lane, begin, end);
    if (row == 0u) {
        for (var i = 0u; i < 4u; i++) {
            if (channels[i] < end && channels[i] % group_channels == 0u) {
                shifts[channels[i] / group_channels - first] = own.mean[i];
            }
        }
    }
    workgroupBarrier();
    // Of several groups the channels lie as in a row of the input; of one group their order doesn't matter.
    let several = groups > 1u;
    if (row < rows) {
        for (var i = 0u; i < 4u; i++) {
            if (several && channels[i] >= end) { continue; }
            let group = select(0u, channels[i] / group_channels - first, several);
            let at = select(thread * 4u + i, row * (end - begin) + channels[i] - begin, several);
            let delta = own.mean[i] - shifts[group];
            sums[at] = vec2(own.count[i] * delta, own.m2[i] + own.count[i] * delta * delta);
        }
    }
    workgroupBarrier();

    // A team of invocations for every group.
    let team = 1u << firstLeadingBit(WORKGROUP / groups);
    let group = thread / team;
    let member = thread % team;
    let width = select(4u * lanes, group_channels, several);
    let stride = select(4u * lanes, end - begin, several);
    var sum = vec2<f32>();
    if (group < groups) {
        for (var i = member; i < rows * width; i += team) {
            sum += sums[i / width * stride + group * width + i % width];
        }
    }
    team_sums[thread] = sum;
    for (var half = team / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if (member < half) { team_sums[thread] += team_sums[thread + half]; }
    }
    if (group < groups && member == 0u) {
        let total = team_sums[thread];
        let count = f32((pixel_end - pixel_begin) * group_channels);
        let at = (workgroup.z * info.groups + first + group) * info.chunks + workgroup.x;
        let mean = shifts[group] + total.x / count;
        store_statistics(at * 4u, 4u, vec4(count, mean, max(total.y - total.x * total.x / count, 0.0), 0.0));
    }
}
