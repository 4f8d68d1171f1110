"""What the compiled module offers (native/bindings.cpp)."""

from .._arrays import Array

LayerTuple = tuple[int, int, float]

class float32_examples: ...
class float64_examples(float32_examples): ...

class float32:
    def bind(self, examples: float32_examples) -> None: ...
    def run(
        self, order: Array, batch_size: int, etas: Array
    ) -> tuple[float, float, int | None]: ...
    def gradient(self, rows: Array, nabla: Array) -> float: ...
    def update(self, nabla: Array, eta: float) -> None: ...
    def output_dense(self, x: Array, z: Array, a: Array) -> None: ...
    def output_csr(
        self, values: Array, columns: Array, starts: Array, z: Array, a: Array
    ) -> None: ...
    def get(self, which: int, out: Array) -> None: ...
    def set(self, which: int, values: Array) -> None: ...
    def set_step(self, step: int) -> None: ...
    def set_threads(self, threads: int) -> None: ...
    @property
    def step(self) -> int: ...
    @property
    def slots(self) -> int: ...
    @property
    def target(self) -> str: ...

class float64(float32): ...

def start_float32(
    inputs: int,
    layers: list[LayerTuple],
    cost: int,
    cost_number: float,
    optimizer: int,
    numbers: list[float],
    l1: float,
    l2: float,
    summed_penalty: bool,
    dropout: list[float],
    clip: float,
    seed: int,
    target: str,
) -> float32: ...

start_float64 = start_float32

def dense_float32(
    x: Array, y: Array, weight: Array | None, target: str
) -> float32_examples: ...

dense_float64 = dense_float32

def csr_float32(
    inputs: int,
    values: Array,
    columns: Array,
    starts: Array,
    y: Array,
    weight: Array | None,
    target: str,
) -> float32_examples: ...

csr_float64 = csr_float32

def peak_float32(times: int, target: str) -> tuple[float, float]: ...

peak_float64 = peak_float32

def elementary_into(name: str, x: Array, out: Array, target: str) -> None: ...
