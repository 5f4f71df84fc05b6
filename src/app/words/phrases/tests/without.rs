//! What needs no phrase.

/// A reason, and what it holds for: files, or folders, below `src`, each with one of its strings; an
/// empty one stands for all.
type Exceptions = (&'static str, &'static [(&'static str, &'static str)]);

/// Strings without a phrase.
pub const WITHOUT: [Exceptions; 7] = [
    (
        "never reaches the page",
        &[
            ("bin/", ""),
            ("bench/", ""),
            ("kernels/", ""), // Programs in WGSL.
            ("weights/folder.rs", ""),
            ("params/fields.rs", ""), // Help texts of the terminal and the package.
            ("device.rs", "it must be cpu or wgpu"),
            ("evaluation/masks.rs", "it must be centre, half or strokes"),
            ("engine/inspect.rs", "On a GPU"),
            ("app/worker/look.rs", "On a GPU"),
            (
                "engine/inspect.rs",
                "{} for the weights and about {} beside them at this size; buffers of {}",
            ),
        ],
    ),
    (
        "a part: the whole has a phrase",
        &[
            ("engine/inspect.rs", "{}, {} in {}; {about}"),
            ("engine/inspect.rs", "{:.1} M parameters"),
            ("params/field.rs", ""),
            ("error/mismatch.rs", "wrong shape"),
            ("error.rs", ", for instance {width} × {height}"),
        ],
    ),
    (
        "said by a line of the table",
        &[
            ("error.rs", "The GPU was lost."),
            ("error.rs", "The GPU was lost: {reason}."),
            (
                "error.rs",
                "Choose a smaller size{example}, close other programs and tabs that use the GPU, \
                 or use the CPU device.",
            ),
        ],
    ),
    (
        "a name",
        &[
            ("scheduler/name.rs", "Euler ancestral"),
            ("pipeline/recipe/sampler.rs", "Euler a"),
            ("pipeline/recipe/parameters.rs", ""),
            ("weights/indexed_db/follow.rs", "hearth {place}"),
        ],
    ),
    (
        "what others say, to be recognised",
        &[
            ("weights/http/answer.rs", "bytes */"),
            ("weights/http/answer.rs", "Failed to fetch"),
            ("weights/single_file/what_is.rs", "version https://git-lfs"),
        ],
    ),
    (
        "finds or marks parts of the page",
        &[
            ("app/page/start.rs", "input, textarea"),
            ("app/form/mod.rs", "input, textarea, select"),
            ("app/start/listen.rs", "input, select"),
            ("app/notes.rs", "note wrong"),
        ],
    ),
    (
        "the reason of an Error::Internal, for those who mend the program",
        &[
            ("app/dom.rs", ""),
            ("app/", "the picture cannot be drawn"),
            ("app/address.rs", "the page's address cannot be read"),
            ("app/client.rs", "the engine cannot be started"),
            ("app/client.rs", "the engine cannot be reached"),
            ("app/results/file.rs", "the picture cannot be kept"),
            ("app/results/file.rs", "the picture cannot be read"),
            ("app/worker/mod.rs", "a picture was asked for before a model was loaded"),
            ("app/worker/last_words.rs", ""),
            ("app/protocol/request.rs", "a request"),
            ("params/wire.rs", ""),
            ("engine/warm_up.rs", ""),
            ("pipeline/host.rs", "a step was not prepared"),
            ("pipeline/workpiece.rs", "a black mask has no surroundings"),
        ],
    ),
];
