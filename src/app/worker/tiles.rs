//! Cache of measured kernel tiles (Cache API).

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, DedicatedWorkerGlobalScope, Response};

use crate::app::event_loop::seconds;
use crate::app::pipelines::Pipelines;
use crate::device::Compute;
use crate::runtime::TuningHost;

const CACHE: &str = "measured-tiles";

/// A cache entry for an adapter, a release of the page and a browser version.
pub struct TileCache {
    address: String,
    pipelines: Option<Pipelines>,
}

impl TileCache {
    /// Returns the entry of a GPU; `pipelines` builds its shaders.
    pub fn new(compute: &Compute, pipelines: Option<Pipelines>) -> Self {
        let agent = scope().and_then(|scope| scope.navigator().user_agent().ok());
        let key =
            format!("{} {}", compute.tuning_key().unwrap_or_default(), agent.unwrap_or_default());
        // Cache keys are addresses; this one is never requested.
        let address = format!("https://tiles.invalid/{}", js_sys::encode_uri_component(&key));
        TileCache { address, pipelines }
    }

    async fn open(&self) -> Option<Cache> {
        let scope = scope()?;
        // `caches` exists in secure contexts only.
        let there = Reflect::get(&scope, &"caches".into()).is_ok_and(|caches| caches.is_object());
        let caches = there.then(|| scope.caches().ok())??;
        JsFuture::from(caches.open(CACHE)).await.ok()?.dyn_into().ok()
    }
}

impl TuningHost for TileCache {
    fn seconds(&self) -> f64 {
        seconds()
    }

    async fn read(&self) -> Option<String> {
        let found = JsFuture::from(self.open().await?.match_with_str(&self.address)).await.ok()?;
        let text = found.dyn_into::<Response>().ok()?.text().ok()?;
        JsFuture::from(text).await.ok()?.as_string()
    }

    async fn write(&self, json: String) -> bool {
        let Some(cache) = self.open().await else { return false };
        let Ok(response) = Response::new_with_opt_str(Some(&json)) else { return false };
        JsFuture::from(cache.put_with_str(&self.address, &response)).await.is_ok()
    }

    async fn build_pipelines(&self, shaders: Vec<String>) {
        if let Some(pipelines) = &self.pipelines {
            pipelines.build(shaders).await;
        }
    }
}

fn scope() -> Option<DedicatedWorkerGlobalScope> {
    let global: JsValue = js_sys::global().into();
    global.dyn_into().ok()
}
