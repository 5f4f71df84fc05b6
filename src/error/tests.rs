//! Every error and every message, with the sentences that are shown of them.

use super::chinese::CHINESE;
use super::{Catalogue, ENGLISH, Error, Id, Message, joined, messages};

/// One of each, with the sentences that terminal and page show.
fn all() -> Vec<(Error, &'static str, &'static str, &'static str)> {
    let path = "vae/config.json".to_string();
    let [place, reason, what, remedy] = ["m", "why", "DiT", "Others work"].map(Message::verbatim);
    vec![
        (
            Error::InvalidRequest {
                field: "width",
                value: Message::verbatim(7),
                reason: reason.clone(),
            },
            "invalid-request",
            "width is 7: why.",
            "",
        ),
        (
            Error::MissingFile { path: path.clone(), place },
            "missing-file",
            "vae/config.json is missing in m.",
            "Check that the checkpoint is complete and in diffusers layout.",
        ),
        (
            Error::InvalidConfig { path: path.clone(), reason: reason.clone() },
            "invalid-config",
            "vae/config.json cannot be read: why.",
            "Fetch this file of the checkpoint again.",
        ),
        (
            Error::Unsupported { path: path.clone(), what: what.clone(), remedy: remedy.clone() },
            "unsupported",
            "vae/config.json asks for DiT, which is not supported.",
            "Others work.",
        ),
        (
            Error::BeyondCpu { reason: reason.clone() },
            "unsupported",
            "This model is too large for this browser’s CPU: why.",
            "",
        ),
        (
            Error::NotACheckpoint {
                path: path.clone(),
                found: Message::verbatim("a song"),
                remedy,
            },
            "not-a-checkpoint",
            "vae/config.json is a song.",
            "Others work.",
        ),
        (
            Error::CorruptWeights { path: path.clone(), reason: reason.clone() },
            "corrupt-weights",
            "vae/config.json is damaged: why.",
            "Try again to have it fetched anew; if you put it there yourself, replace it.",
        ),
        (
            Error::TensorMismatch {
                path: path.clone(),
                missing: ["a", "b", "c", "d"].map(String::from).to_vec(),
                unexpected: Vec::new(),
                wrong_shape: vec![Message::verbatim("e")],
            },
            "tensor-mismatch",
            "vae/config.json does not fit its config: 4 missing (a; b; c; …), 1 wrong shape (e).",
            "Weights and config.json must come from the same checkpoint.",
        ),
        (
            Error::Tokenizer { reason: reason.clone() },
            "tokenizer",
            "The tokenizer cannot be built: why.",
            "Fetch the tokenizer folder of the checkpoint again.",
        ),
        (
            Error::Io { path, reason: reason.clone() },
            "io",
            "vae/config.json: why.",
            "Check that it exists and may be accessed.",
        ),
        (
            Error::Network { url: "https://a/b".into(), reason: reason.clone() },
            "network",
            "https://a/b could not be fetched: why.",
            "Check the connection and try again.",
        ),
        (
            Error::Storage { reason: reason.clone() },
            "storage",
            "The browser could not keep the weights: why.",
            "Until that is done, the model is fetched at every visit.",
        ),
        (
            Error::NoGpu { reason: reason.clone() },
            "no-gpu",
            "This device cannot run the model on the GPU: why.",
            "Use the CPU device instead.",
        ),
        (
            Error::Gpu { reason: reason.clone() },
            "gpu",
            "The GPU failed: why.",
            "Reload and try again, choose a smaller size, or use the CPU device.",
        ),
        (
            Error::GpuLost { reason: Message::verbatim("why.") },
            "gpu-lost",
            "The GPU was lost: why.",
            "Try again; if it is lost again, choose a smaller size or use the CPU device.",
        ),
        (
            Error::OutOfMemory { smaller: Some([64, 32]) },
            "out-of-memory",
            "The GPU’s memory is full.",
            "Choose a smaller size, for instance 64 × 32, close other programs and tabs that use the GPU, or use the CPU device.",
        ),
        (
            Error::Image { action: "written", reason: reason.clone() },
            "image",
            "The picture cannot be written: why.",
            "",
        ),
        (Error::Cancelled, "cancelled", "Stopped.", ""),
        (
            Error::Internal { reason },
            "internal",
            "Something unexpected happened: why.",
            "Please report it.",
        ),
    ]
}

/// Both languages.
const CATALOGUES: [&Catalogue; 2] = [&ENGLISH, &CHINESE];

#[test]
fn every_error_says_what_happened_and_what_to_do() {
    let errors = all();
    let kinds: std::collections::HashSet<_> =
        errors.iter().map(|(error, ..)| std::mem::discriminant(error)).collect();
    assert_eq!(kinds.len(), 19, "one of each");
    for (error, code, what, next_step) in errors {
        assert_eq!(error.code(), code);
        assert_eq!(error.what(), what);
        assert_eq!(error.next_step(), next_step);
        let both = [what, next_step].join(" ");
        assert_eq!(error.to_string(), both.trim_end());
    }
}

#[test]
fn details_are_named_as_the_fields() {
    let reason = messages::connection_ended();
    let error = Error::Network { url: "https://a/b".into(), reason };
    let details =
        [("reason", "the connection ended early".to_string()), ("url", "https://a/b".to_string())];
    assert!(error.details().into_iter().eq(details));
    let error = Error::OutOfMemory { smaller: Some([64, 32]) };
    let details = [("height", "32".to_string()), ("width", "64".to_string())];
    assert!(error.details().into_iter().eq(details));
}

/// A message of every id, with the names of its parameters in the place of arguments.
fn samples() -> impl Iterator<Item = Message> {
    Id::ALL.iter().map(|id| {
        let arguments = id.parameters().iter().map(|name| Message::verbatim(format!("‹{name}›")));
        Message::Known { id: *id, arguments: arguments.collect() }
    })
}

#[test]
fn every_message_shows_its_arguments_in_every_language() {
    for message in samples() {
        for catalogue in CATALOGUES {
            let text = message.in_words(catalogue);
            for (name, argument) in message.arguments() {
                assert!(text.contains(&argument.to_string()), "{name} is not in “{text}”");
            }
            assert!(!text.is_empty() && !text.contains(['{', '}']), "{message:?}: {text}");
        }
    }
}

#[test]
fn chinese_is_written_with_its_own_punctuation() {
    for message in samples() {
        let text = message.in_words(&CHINESE);
        let mut before = ' ';
        for letter in text.chars() {
            let after_han = ('\u{4e00}'..='\u{9fff}').contains(&before);
            assert!(!(after_han && ",;:.!?(".contains(letter)), "{text}");
            before = letter;
        }
    }
}

#[cfg(feature = "engine")]
#[test]
fn every_message_comes_back_from_a_worker() -> Result<(), serde_json::Error> {
    for message in samples() {
        let sent = serde_json::to_value(&message)?;
        assert_eq!(sent["text"], message.to_string(), "the package reads English");
        assert_eq!(serde_json::from_value::<Message>(sent)?, message);
    }
    let nested = messages::try_again_in(messages::server_answered("503"), 3_u32);
    let sent = serde_json::to_string(&nested)?;
    assert_eq!(serde_json::from_str::<Message>(&sent)?, nested);
    // From a worker of another release.
    let unknown = r#"{"text": "it is new", "id": "no_such_id", "arguments": []}"#;
    assert_eq!(serde_json::from_str::<Message>(unknown)?, Message::verbatim("it is new"));
    Ok(())
}

#[test]
fn important_errors_are_sentences_in_both_languages() {
    let unet = || "unet/a.safetensors".to_string();
    let shape = || messages::shape_differs("b.weight", "[2, 3]", "[3]");
    let cases = [
        (
            Error::InvalidRequest {
                field: "width",
                value: Message::verbatim(100),
                reason: messages::multiple_of(8_usize, 96_usize),
            },
            "width is 100: it must be a multiple of 8, for instance 96.",
            "宽度不能是“100”：须为 8 的倍数，例如 96。",
        ),
        (
            Error::InvalidRequest {
                field: "seed",
                value: messages::empty(),
                reason: messages::whole_number_between("0", "9"),
            },
            "seed is empty: it must be a whole number from 0 to 9.",
            "随机种子不能是“空白”：须为 0 到 9 之间的整数。",
        ),
        (
            Error::MissingFile { path: unet(), place: messages::chosen_files() },
            "unet/a.safetensors is missing in the selection. Check that the checkpoint is complete \
             and in diffusers layout.",
            "所选文件 中缺少 unet/a.safetensors。请检查模型是否完整，且为 diffusers 格式。",
        ),
        (
            Error::MissingFile {
                path: "model_index.json".into(),
                place: messages::address_of_page("https://a.example/"),
            },
            "https://a.example/ gives a web page instead of model_index.json. Paste the address of a \
             folder in diffusers layout, that of a .safetensors file itself, or owner/name for a model \
             of Hugging Face.",
            "https://a.example/ 返回的是网页，而不是 model_index.json。请粘贴 diffusers 格式文件夹的网址、\
             .safetensors 文件本身的网址，或 Hugging Face 模型的 owner/name。",
        ),
        (
            Error::MissingFile { path: unet(), place: messages::address_of_page("https://a/b/") },
            "https://a/b/ gives a web page instead of unet/a.safetensors. Check that the checkpoint is \
             complete and in diffusers layout.",
            "https://a/b/ 返回的是网页，而不是 unet/a.safetensors。请检查模型是否完整，且为 diffusers 格式。",
        ),
        (
            Error::MissingFile {
                path: "b.safetensors".into(),
                place: messages::address_without_file("https://a/b.safetensors"),
            },
            "b.safetensors is missing in https://a/b.safetensors. Check the address; what it names may \
             have been moved or removed. A model is a folder in diffusers layout, with a \
             model_index.json, or one .safetensors file; a LoRA, an embedding and a VAE are one \
             .safetensors file.",
            "https://a/b.safetensors 中缺少 b.safetensors。请检查网址；所指内容可能已被移走或删除。模型是含 \
             model_index.json 的 diffusers 文件夹，或一个 .safetensors 文件；LoRA、嵌入和 VAE 是一个 \
             .safetensors 文件。",
        ),
        (
            Error::Unsupported {
                path: "vae/config.json".into(),
                what: Message::verbatim("shift_factor = 1"),
                remedy: messages::families_that_work(),
            },
            "vae/config.json asks for shift_factor = 1, which is not supported. Stable Diffusion 1.x, \
             2.x and XL checkpoints work.",
            "vae/config.json 要求 shift_factor = 1，暂不支持。支持 Stable Diffusion 1.x、2.x 和 XL 模型。",
        ),
        (
            Error::pickled("a.ckpt"),
            "a.ckpt is a pickle, which can run any program when it is read, so it is not opened. Get \
             it as .safetensors; the Hub converts a repository at \
             huggingface.co/spaces/safetensors/convert.",
            "a.ckpt 是 pickle 文件，读取时可能运行任意程序，因此不会打开。请获取 .safetensors 格式的版本；\
             Hub 可在 huggingface.co/spaces/safetensors/convert 转换仓库。",
        ),
        (
            Error::NotACheckpoint {
                path: "a".into(),
                found: messages::without_networks(
                    "Stable Diffusion XL",
                    messages::and_its(messages::second_text_encoder(), messages::autoencoder_vae()),
                ),
                remedy: messages::fetch_again(),
            },
            "a is Stable Diffusion XL without its second text encoder and its autoencoder (VAE). Fetch it again.",
            "a 是 Stable Diffusion XL 模型，但缺少第二文本编码器和自编码器（VAE）。请重新获取。",
        ),
        (
            Error::TensorMismatch {
                path: unet(),
                missing: vec!["a.weight".into(), "a.bias".into()],
                unexpected: Vec::new(),
                wrong_shape: vec![shape()],
            },
            "unet/a.safetensors does not fit its config: 2 missing (a.weight; a.bias), 1 wrong shape \
             (b.weight: expected [2, 3], found [3]). Weights and config.json must come from the same \
             checkpoint.",
            "unet/a.safetensors 与其配置不符：缺少 2 个（a.weight；a.bias），形状不符 1 个（b.weight：应为 \
             [2, 3]，实为 [3]）。权重与 config.json 须来自同一个模型。",
        ),
        (
            Error::Network {
                url: "https://a/b".into(),
                reason: messages::try_again_in(messages::server_answered("503 Busy"), 3_u32),
            },
            "https://a/b could not be fetched: the server answered 503 Busy and asks to try again in 3 \
             minutes. Wait that long and try again.",
            "无法获取 https://a/b：服务器返回 503 Busy，并要求 3 分钟后再试。请等待这段时间后重试。",
        ),
        (
            Error::Storage { reason: messages::store_closed(messages::database_in_use()) },
            "The browser could not keep the weights: another tab uses its database; leave private \
             browsing or free some disk space. Until that is done, the model is fetched at every visit.",
            "浏览器无法保存权重：另一个标签页正在使用其数据库；请退出无痕浏览，或腾出一些磁盘空间。在此之前，\
             每次访问都要重新下载模型。",
        ),
        (
            Error::NoGpu {
                reason: messages::memory_too_small(
                    "9.00 GB",
                    "3.76 GB",
                    messages::size_fits(512_usize, 512_usize),
                ),
            },
            "This device cannot run the model on the GPU: it needs 9.00 GB of memory, there are 3.76 \
             GB; 512 × 512 pixels fit. Use the CPU device instead.",
            "此设备无法在 GPU 上运行该模型：需要 9.00 GB 内存，而只有 3.76 GB；可用 512 × 512 像素。请改用 CPU。",
        ),
        (
            Error::GpuLost { reason: Message::verbatim("Device hung.") },
            "The GPU was lost: Device hung. Try again; if it is lost again, choose a smaller size or \
             use the CPU device.",
            "与 GPU 的连接中断：Device hung。请重试；若再次中断，请选择更小的尺寸或改用 CPU。",
        ),
        (
            Error::OutOfMemory { smaller: Some([64, 32]) },
            "The GPU’s memory is full. Choose a smaller size, for instance 64 × 32, close other \
             programs and tabs that use the GPU, or use the CPU device.",
            "显存不足。请选择更小的尺寸，例如 64 × 32，关闭其他使用 GPU 的程序和标签页，或改用 CPU。",
        ),
        (
            Error::Image { action: "read", reason: messages::picture_too_large() },
            "The picture cannot be read: it is too large.",
            "图片无法读取：它过大。",
        ),
    ];
    for (error, english, chinese) in cases {
        let in_words = |catalogue| joined(&error.message(), error.advice().as_ref(), catalogue);
        assert_eq!(in_words(&ENGLISH), english);
        assert_eq!(in_words(&CHINESE), chinese);
    }
}
