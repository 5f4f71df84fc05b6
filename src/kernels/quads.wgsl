// A quad is up to four neighbouring channels of one of the inputs x and x2: the unit of loading. Prepended to both
// passes of group norm.

fn load_quad(pixel: u32, quad: u32) -> vec4<f32> {
    let border = (info.c1 + 3u) / 4u;
    if (HAS_X2 && quad >= border) {
        let channel = (quad - border) * 4u;
        return load_x2(pixel * info.c2 + channel, info.c2 - channel);
    }
    return load_x(pixel * info.c1 + quad * 4u, info.c1 - quad * 4u);
}

// The first channel of a quad.
fn channel_of(quad: u32) -> u32 {
    let border = (info.c1 + 3u) / 4u;
    return select(quad * 4u, info.c1 + (quad - border) * 4u, quad >= border);
}

