//! Tiles measured on the browser's GPU, kept in its cache.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, DedicatedWorkerGlobalScope, Response};

use crate::app::event_loop::seconds;
use crate::app::pipelines::Pipelines;
use crate::device::Compute;
use crate::engine::TileHost;

const CACHE: &str = "measured-tiles";

/// One entry for each adapter and release of page and browser.
pub struct TileCache {
    address: String,
    pipelines: Option<Pipelines>,
}

impl TileCache {
    /// That of a GPU, whose pipelines are built by `pipelines`.
    pub fn of(compute: &Compute, pipelines: Option<Pipelines>) -> Self {
        let agent = scope().and_then(|scope| scope.navigator().user_agent().ok());
        let key =
            format!("{} {}", compute.tuning_key().unwrap_or_default(), agent.unwrap_or_default());
        // A cache wants addresses; this one is asked of nobody.
        let address = format!("https://tiles.invalid/{}", js_sys::encode_uri_component(&key));
        TileCache { address, pipelines }
    }

    async fn open(&self) -> Option<Cache> {
        let scope = scope()?;
        // A page that is not from https:// has none.
        let there = Reflect::get(&scope, &"caches".into()).is_ok_and(|caches| caches.is_object());
        let caches = there.then(|| scope.caches().ok())??;
        JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
    }
}

impl TileHost for TileCache {
    fn seconds(&self) -> f64 {
        seconds()
    }

    async fn read(&self) -> Option<String> {
        let found = JsFuture::from(self.open().await?.match_with_str(&self.address)).await.ok()?;
        let text = found.dyn_into::<Response>().ok()?.text().ok()?;
        JsFuture::from(text).await.ok()?.as_string()
    }

    async fn keep(&self, json: String) {
        let Some(cache) = self.open().await else { return };
        if let Ok(response) = Response::new_with_opt_str(Some(&json)) {
            // A full disk keeps none: they are measured again.
            let _ = JsFuture::from(cache.put_with_str(&self.address, &response)).await;
        }
    }

    async fn build(&self, shaders: Vec<String>) {
        if let Some(pipelines) = &self.pipelines {
            pipelines.build(shaders).await;
        }
    }
}

fn scope() -> Option<DedicatedWorkerGlobalScope> {
    let global: JsValue = js_sys::global().into();
    global.dyn_into().ok()
}
