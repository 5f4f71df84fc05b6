//! Where the numbers are computed, and what goes wrong there.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{DType, Device, Tensor};

use crate::error::{Error, Message, Result, messages};

/// The kinds of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The processor: everywhere, exact.
    Cpu,
    /// The GPU, through WebGPU in a browser and through Vulkan, Metal or DirectX elsewhere.
    Wgpu,
}

impl FromStr for DeviceKind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "cpu" => Ok(DeviceKind::Cpu),
            "wgpu" | "gpu" => Ok(DeviceKind::Wgpu),
            other => Err(Error::InvalidRequest {
                field: "device",
                value: Message::verbatim(other),
                reason: messages::device_choices(),
            }),
        }
    }
}

/// Launches that go to the GPU together. Each batch costs a browser a third of a millisecond; the first of a run keeps the
/// GPU waiting until it is full.
const LAUNCHES: usize = 64;

/// A device that is ready, and the first failure that its driver reported.
#[derive(Debug, Clone)]
pub struct Compute {
    /// Burn's handle.
    pub device: Device,
    /// For people.
    pub name: String,
    /// The largest buffer that a program may be given at once, bytes; `None` without such a limit.
    pub largest_binding: Option<u64>,
    gpu: Option<wgpu::Device>,
    failure: Arc<Mutex<Option<Failure>>>,
}

/// What a GPU's driver reported.
#[derive(Debug)]
enum Failure {
    Error(String),
    OutOfMemory,
    /// Nothing will come of it any more.
    #[cfg_attr(not(target_family = "wasm"), expect(dead_code))]
    Lost(String),
}

impl Compute {
    /// Makes a device ready. A GPU may be asked for once in a program's life; clones share it.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with what is missing.
    pub async fn open(kind: DeviceKind) -> Result<Self> {
        if kind == DeviceKind::Cpu {
            let failure = Arc::default();
            let (device, name) = (Device::flex(), "CPU".to_string());
            return Ok(Compute { device, name, largest_binding: None, gpu: None, failure });
        }
        let (device, setup) = Device::wgpu_options()
            .tasks_max(LAUNCHES)
            .init_with_setup_async()
            .await
            .map_err(|error| Error::NoGpu { reason: Message::verbatim(error) })?;
        Ok(Self::on_gpu(device, &setup))
    }

    /// A GPU's device that was made elsewhere, with whatever limits and features it was given.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with what is missing.
    pub fn adopt(setup: WgpuSetup) -> Result<Self> {
        let device = Device::wgpu_options()
            .setup(setup.clone())
            .tasks_max(LAUNCHES)
            .init()
            .map_err(|error| Error::NoGpu { reason: Message::verbatim(error) })?;
        Ok(Self::on_gpu(device, &setup))
    }

    fn on_gpu(device: Device, setup: &WgpuSetup) -> Self {
        // A GPU reports its errors later and elsewhere than where they were made, and goes on with
        // wrong numbers. They are kept for whoever asks with `check`.
        let failure = Arc::new(Mutex::new(None));
        let heard = Arc::clone(&failure);
        setup.device.on_uncaptured_error(Arc::new(move |error| {
            let mut first = heard.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| match error {
                wgpu::Error::OutOfMemory { .. } => Failure::OutOfMemory,
                error => Failure::Error(error.to_string()),
            });
        }));
        // Natively the runtime listens for this itself, and there is one listener only.
        #[cfg(target_family = "wasm")]
        {
            let heard = Arc::clone(&failure);
            setup.device.set_device_lost_callback(move |_, reason| {
                let mut first = heard.lock().unwrap_or_else(PoisonError::into_inner);
                *first = Some(Failure::Lost(reason));
            });
        }
        let largest = setup.device.limits().max_storage_buffer_binding_size;
        let (name, largest_binding) = (setup.adapter.get_info().name, Some(largest));
        Compute { device, name, largest_binding, gpu: Some(setup.device.clone()), failure }
    }

    /// The GPU's own handle; `None` for a CPU.
    pub fn gpu(&self) -> Option<&wgpu::Device> {
        self.gpu.as_ref()
    }

    /// Whether it is a GPU.
    pub fn is_gpu(&self) -> bool {
        self.device != Device::flex()
    }

    /// Whether it is a program that behaves like a GPU.
    pub fn is_software(&self) -> bool {
        self.gpu.as_ref().is_some_and(|gpu| gpu.adapter_info().device_type == wgpu::DeviceType::Cpu)
    }

    /// What a measurement of kernels holds for: adapter, driver, and release of this program. `None` for a CPU.
    pub fn tuning_key(&self) -> Option<String> {
        let info = self.gpu.as_ref()?.adapter_info();
        let release = env!("CARGO_PKG_VERSION");
        Some(format!("{} {} {} {release}", self.name, info.driver, info.driver_info))
    }

    /// Whether f16 is more to it than a way to store numbers.
    pub fn computes_in_f16(&self) -> bool {
        self.is_gpu() && self.device.supports_dtype(DType::F16)
    }

    /// Waits until everything that was asked of the device is done, then [`check`](Self::check)s.
    ///
    /// # Errors
    /// [`Error::Gpu`] also if the device is lost.
    pub async fn settle(&self) -> Result<()> {
        let probe = Tensor::<1>::zeros([1], &self.device);
        probe.into_data_async().await.map_err(|e| Error::Gpu { reason: Message::verbatim(e) })?;
        self.check()
    }

    /// Whether the driver has reported a failure since this was last asked. A lost device stays lost.
    ///
    /// # Errors
    /// [`Error::Gpu`] with the driver's words, [`Error::OutOfMemory`] or [`Error::GpuLost`].
    pub fn check(&self) -> Result<()> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match failure.take() {
            None => Ok(()),
            Some(Failure::Error(reason)) => Err(Error::Gpu { reason: Message::verbatim(reason) }),
            Some(Failure::OutOfMemory) => Err(Error::OutOfMemory { smaller: None }),
            Some(Failure::Lost(reason)) => {
                *failure = Some(Failure::Lost(reason.clone()));
                Err(Error::GpuLost { reason: Message::verbatim(reason) })
            }
        }
    }
}
