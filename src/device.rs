//! Compute devices and their errors.

use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{DType, Device, Tensor};

use crate::error::{Error, Message, Result, messages};

/// The kind of a compute device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// The CPU: available everywhere.
    Cpu,
    /// The GPU: WebGPU in a browser, else Vulkan, Metal or DirectX.
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

/// Launches submitted to the GPU in one batch. Each batch costs a browser a third of a millisecond;
/// while the first of a run is collected, the GPU waits.
const LAUNCHES: usize = 64;

/// An opened device, and the first failure that its driver reported.
#[derive(Debug, Clone)]
pub struct Compute {
    /// Burn's device.
    pub device: Device,
    /// Display name.
    pub name: String,
    /// The largest buffer that a kernel may bind, bytes (`maxStorageBufferBindingSize`); `None` on
    /// a CPU.
    pub largest_binding: Option<u64>,
    gpu: Option<wgpu::Device>,
    failure: Arc<Mutex<Option<Failure>>>,
}

/// A failure reported by a GPU's driver.
#[derive(Debug)]
enum Failure {
    Error(String),
    OutOfMemory,
    /// The device is lost and cannot be used any more.
    #[cfg_attr(not(target_family = "wasm"), expect(dead_code))]
    Lost(String),
}

impl Compute {
    /// Opens a device. A process can open the GPU once; clones share it.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with the reason.
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

    /// Wraps a GPU device that was requested elsewhere, with its own limits and features.
    ///
    /// # Errors
    /// [`Error::NoGpu`] with the reason.
    pub fn from_setup(setup: WgpuSetup) -> Result<Self> {
        let device = Device::wgpu_options()
            .setup(setup.clone())
            .tasks_max(LAUNCHES)
            .init()
            .map_err(|error| Error::NoGpu { reason: Message::verbatim(error) })?;
        Ok(Self::on_gpu(device, &setup))
    }

    fn on_gpu(device: Device, setup: &WgpuSetup) -> Self {
        // A GPU reports errors asynchronously and continues with wrong numbers: the first one is
        // stored for `check`.
        let failure = Arc::new(Mutex::new(None));
        let reported = Arc::clone(&failure);
        setup.device.on_uncaptured_error(Arc::new(move |error| {
            let mut first = reported.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| match error {
                wgpu::Error::OutOfMemory { .. } => Failure::OutOfMemory,
                error => Failure::Error(error.to_string()),
            });
        }));
        // Natively the runtime sets this callback itself, and there can be only one.
        #[cfg(target_family = "wasm")]
        {
            let reported = Arc::clone(&failure);
            setup.device.set_device_lost_callback(move |_, reason| {
                let mut first = reported.lock().unwrap_or_else(PoisonError::into_inner);
                *first = Some(Failure::Lost(reason));
            });
        }
        let largest = setup.device.limits().max_storage_buffer_binding_size;
        let (name, largest_binding) = (setup.adapter.get_info().name, Some(largest));
        Compute { device, name, largest_binding, gpu: Some(setup.device.clone()), failure }
    }

    /// Returns wgpu's device; `None` for a CPU.
    pub fn gpu(&self) -> Option<&wgpu::Device> {
        self.gpu.as_ref()
    }

    /// Returns whether it is a GPU.
    pub fn is_gpu(&self) -> bool {
        self.device != Device::flex()
    }

    /// Returns the host with the limits of this device, on which a network can be built to count the
    /// memory that it needs here.
    pub fn on_host(&self) -> Self {
        Compute { device: Device::flex(), ..self.clone() }
    }

    /// Returns whether it is a software GPU: in a browser a fallback adapter.
    pub fn is_software(&self) -> bool {
        self.gpu.as_ref().is_some_and(|gpu| gpu.adapter_info().device_type == wgpu::DeviceType::Cpu)
    }

    /// Returns the key under which measurements of kernels are stored: adapter, driver and release
    /// of this program; `None` for a CPU.
    pub fn tuning_key(&self) -> Option<String> {
        let info = self.gpu.as_ref()?.adapter_info();
        let release = env!("CARGO_PKG_VERSION");
        Some(format!("{} {} {} {release}", self.name, info.driver, info.driver_info))
    }

    /// Returns whether it computes in f16, rather than only storing it.
    pub fn computes_in_f16(&self) -> bool {
        self.is_gpu() && self.device.supports_dtype(DType::F16)
    }

    /// Waits for all submitted work, then calls [`check`](Self::check).
    ///
    /// # Errors
    /// [`Error::Gpu`] also if the device is lost.
    pub async fn sync(&self) -> Result<()> {
        let probe = Tensor::<1>::zeros([1], &self.device);
        probe.into_data_async().await.map_err(|e| Error::Gpu { reason: Message::verbatim(e) })?;
        self.check()
    }

    /// Returns the failure that the driver has reported since the last call, if any. A lost device
    /// stays lost.
    ///
    /// # Errors
    /// [`Error::Gpu`] with the driver's message, [`Error::OutOfMemory`] or [`Error::GpuLost`].
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
