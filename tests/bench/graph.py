"""A network as an ONNX graph of fixed shapes.

The graph is made without weights: each is named and has its place in a file, and `fill` writes those files
from a checkpoint. So a network of any size takes little memory, and a graph made here serves elsewhere.
"""

from pathlib import Path

import onnx
import onnx_ir as ir
import torch
from onnxscript import optimizer
from safetensors import safe_open

from networks import weights_of

# The first with group normalization and attention as operators of their own; older ones spell them out, and
# onnxruntime-web takes about twice as long with those on a software GPU.
OPSET = 23
# A file must fit into one buffer of a browser.
LARGEST_FILE = 1 << 30
TRANSPOSED = ".transposed"


def trace(function: torch.nn.Module, inputs: tuple[torch.Tensor, ...], opset: int = OPSET) -> onnx.ModelProto:
    """The graph of a network without weights. The inputs' type is the graph's."""
    stand_in(function, inputs[0].dtype)
    program = torch.onnx.export(
        function, inputs, dynamo=True, opset_version=opset, optimize=False, verbose=False,
        input_names=list(function.inputs), output_names=[function.output],
    )
    keys = {f"net.{key}" for key in function.net.state_dict()}

    def uses_weights(node: ir.Node) -> bool:
        return any(value is not None and value.name in keys for value in node.inputs)

    optimizer.optimize_ir(program.model, should_fold=lambda node: False if uses_weights(node) else None)
    place(program.model.graph, keys)
    return ir.to_proto(program.model)


def stand_in(function: torch.nn.Module, dtype: torch.dtype) -> None:
    """Gives every parameter values that take no memory; small ones differ, so that none is taken for another."""
    for module in function.modules():
        for name, old in list(module.named_parameters(recurse=False)):
            new = torch.randn(old.shape) if old.numel() <= 8192 else torch.zeros(()).expand(old.shape)
            setattr(module, name, torch.nn.Parameter(new.to(dtype) if new.stride() else new, requires_grad=False))


def place(graph: ir.Graph, keys: set[str]) -> None:
    """Gives each weight its place in a file. One that is used transposed alone is kept so."""
    number, end = 0, 0
    for value in [value for value in graph.initializers.values() if value.name in keys]:
        shape, name = list(value.shape), value.name
        users = [user for user, _ in value.uses()]
        if len(shape) == 2 and users and all(user.op_type == "Transpose" for user in users):
            shape, name = shape[::-1], name + TRANSPOSED
        length = int(value.dtype.itemsize) * torch.Size(shape).numel()
        if end and end + length > LARGEST_FILE:
            number, end = number + 1, 0
        tensor = ir.ExternalTensor(f"weights-{number}", end, length, value.dtype, shape=ir.Shape(shape), name=name)
        end += -(-length // 64) * 64
        if name == value.name:
            value.const_value = tensor
            continue
        kept = ir.Value(name=name, shape=tensor.shape, type=value.type, const_value=tensor)
        graph.register_initializer(kept)
        for user in users:
            user.outputs[0].replace_all_uses_with(kept)
            graph.remove(user, safe=True)
        del graph.initializers[value.name]


def fill(graph: onnx.ModelProto, model: Path, component: str, folder: Path) -> list[str]:
    """Writes the graph and the files of its weights into a folder, and says how these are called."""
    folder.mkdir(exist_ok=True)
    onnx.save(graph, folder / "graph.onnx")
    files = {}
    with safe_open(weights_of(model, component), "pt") as checkpoint:
        for tensor in graph.graph.initializer:
            if tensor.data_location != onnx.TensorProto.EXTERNAL:
                continue
            entry = {item.key: item.value for item in tensor.external_data}
            key = tensor.name.removeprefix("net.")
            values = checkpoint.get_tensor(key.removesuffix(TRANSPOSED))
            if key.endswith(TRANSPOSED):
                values = values.T
            wide = tensor.data_type == onnx.TensorProto.FLOAT
            values = values.to(torch.float32 if wide else torch.float16).contiguous().numpy()
            assert list(values.shape) == list(tensor.dims), tensor.name
            if entry["location"] not in files:
                files[entry["location"]] = (folder / entry["location"]).open("wb")
            file = files[entry["location"]]
            file.seek(int(entry["offset"]))
            file.write(values.data)
    for file in files.values():
        file.close()
    return list(files)
