//! Downloads of weights under faults of network, server, store and page: what is kept is complete
//! and correct, or the fault is reported, and nothing is downloaded twice.
//!
//! Everything runs in virtual time against a server and a store in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod buffer;
mod cancel;
mod library;
mod network;
mod properties;
mod server;
mod small_files;
mod storage;
mod store;
mod tabs;
mod time;
mod visits;

use std::cell::RefCell;
use std::rc::Rc;

use hearth::Result;
use hearth::weights::Source;
use hearth::weights::bytes::Bytes;
use hearth::weights::cache::{CachedHttp, FileKey, Transfer};
use hearth::weights::http::{Clock, DownloadPolicy, Http};
use proptest::prelude::ProptestConfig;
use serde_json::json;

use self::buffer::Buffer;
use self::server::{Fault, PLACE, Server};
use self::store::Store;
use self::time::VirtualTime;

/// Bytes of a chunk in most tests.
const CHUNK: u64 = 500;

/// The weight file of most tests.
const UNET: &str = "unet/diffusion_pytorch_model.safetensors";

/// A server with one weight file, and what a browser keeps of it.
struct Scene {
    time: VirtualTime,
    server: Server,
    store: Store,
    policy: DownloadPolicy,
    /// The weights that the server has.
    weights: Vec<u8>,
}

impl Scene {
    /// A file of `chunks` chunks, of which the last has a few bytes.
    fn new(chunks: u64) -> Self {
        Self::with_len(((chunks - 1) * CHUNK) as usize + 123)
    }

    fn with_len(len: usize) -> Self {
        let time = VirtualTime::default();
        let scene = Scene {
            server: Server::new(&time),
            store: Store::new(&time),
            time,
            policy: DownloadPolicy { chunk_size: CHUNK, ..DownloadPolicy::default() },
            weights: weights(len, 1),
        };
        scene.server.put(UNET, &scene.weights, "\"v1\"");
        scene
    }

    /// Opens the checkpoint, as a new tab does.
    async fn open(&self) -> Tab {
        self.open_with(Ok(self.store.clone())).await
    }

    async fn open_with(&self, store: Result<Store>) -> Tab {
        let events = Rc::new(RefCell::new(Vec::new()));
        let listener = Rc::clone(&events);
        let http = Http::new(PLACE, self.server.clone(), self.policy.clone());
        let listener = Rc::new(move |event| listener.borrow_mut().push(event));
        Tab { source: CachedHttp::open(http, store, listener).await, events }
    }

    /// A visit of a page that loads the weights to their end.
    async fn visit(&self) -> (Tab, Result<Vec<u8>>) {
        let tab = self.open().await;
        let loaded = tab.load().await;
        (tab, loaded)
    }

    /// A visit of a page that is closed when all chunks but the fourth are stored.
    fn close_in_the_middle(&self) {
        self.server.spoil(|asked| match asked.is_download() && asked.from() == 3 * CHUNK {
            true => vec![Fault::Silent],
            false => Vec::new(),
        });
        let closed = self.run(self.server.timeout(self.policy.silence / 2, self.visit()));
        assert!(closed.is_none());
        assert_eq!(self.store.chunks(&url(UNET)), [0, 1, 2, 4]);
        self.server.heal();
        self.server.take_asked();
    }

    fn run<R>(&self, future: impl Future<Output = R>) -> R {
        self.time.run(future)
    }

    /// The key of the weights, whose digest nobody knows beforehand.
    fn key(&self) -> FileKey {
        FileKey { url: url(UNET), sha256: String::new() }
    }

    /// The file is kept as a whole, with the right bytes and checksums.
    fn assert_kept(&self) {
        self.assert_kept_under(&self.key());
    }

    fn assert_kept_under(&self, key: &FileKey) {
        assert!(self.store.is_complete(&key.url), "there is no record of a complete file");
        let chunks = self.weights.chunks(self.policy.chunk_size as usize);
        assert_eq!(self.store.chunks(&key.url).len(), chunks.len());
        for (index, expected) in chunks.enumerate() {
            let (bytes, sum) = self.store.chunk(key, index as u64).expect("a chunk is missing");
            assert!(bytes == expected, "chunk {index} has other bytes");
            assert_eq!(sum, self.run(Buffer::new(expected).sha256()), "sum of chunk {index}");
        }
    }
}

/// A tab of the page with the checkpoint open.
struct Tab {
    source: CachedHttp<Server, Store>,
    events: Rc<RefCell<Vec<Transfer>>>,
}

impl Tab {
    /// Downloads the weights and reads all of them, as loading a model does.
    async fn load(&self) -> Result<Vec<u8>> {
        let len = self.source.len(UNET).await?;
        let len = len.ok_or_else(|| self.source.missing(UNET))?;
        self.source.fetch(&[UNET.to_string()]).await?;
        self.source.read(UNET, 0..len).await
    }

    /// Bytes that were reported as received, from the network and from the store.
    fn received(&self) -> (u64, u64) {
        let (mut network, mut store) = (0, 0);
        for event in self.events.borrow().iter() {
            match event {
                Transfer::Received { bytes, cached: false, .. } => network += bytes,
                Transfer::Received { bytes, cached: true, .. } => store += bytes,
                _ => {}
            }
        }
        (network, store)
    }

    /// The reports that the browser keeps nothing.
    fn not_kept(&self) -> Vec<String> {
        let events = self.events.borrow();
        let reasons = events.iter().filter_map(|event| match event {
            Transfer::NotKept { error } => Some(error.to_string()),
            _ => None,
        });
        reasons.collect()
    }
}

/// The address of a file.
fn url(path: &str) -> String {
    format!("{PLACE}{path}")
}

/// A safetensors file of `len` bytes with one tensor; the same bytes for the same seed.
fn weights(len: usize, seed: u64) -> Vec<u8> {
    let mut data = len;
    loop {
        let tensor = json!({ "dtype": "U8", "shape": [data], "data_offsets": [0, data] });
        let header = json!({ "tensor": tensor }).to_string();
        match (8 + header.len() + data).checked_sub(len) {
            Some(0) => {
                let mut file = (header.len() as u64).to_le_bytes().to_vec();
                file.extend(header.bytes());
                let mut state = seed;
                file.extend((0..data).map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 56) as u8
                }));
                return file;
            }
            Some(more) => data -= more.min(data),
            // The header of a smaller tensor has fewer digits: the rest are spaces.
            None => {
                let mut file = weights(len - 1, seed);
                let header_len = u64::from_le_bytes(file[..8].try_into().unwrap());
                file[..8].copy_from_slice(&(header_len + 1).to_le_bytes());
                file.insert(8 + header_len as usize, b' ');
                return file;
            }
        }
    }
}

/// A property is tried with so many random cases.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// SHA-256 in hex.
fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(bytes))
}
