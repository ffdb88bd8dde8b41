/** A file of the Python package index with shared libraries and headers, and its hash. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

const CPU: readonly Wheel[] = [
  {
    name: "tensorflow-cpu",
    version: "2.18.0",
    sha256: "089e71746960ea581dca53401f84b3b99c8537313e337a9e5dbf97036a936f7e",
  },
];

/** TensorFlow built for CUDA, and the CUDA libraries of its `and-cuda` extra, in the versions named there. */
const CUDA: readonly Wheel[] = [
  {
    name: "tensorflow",
    version: "2.18.0",
    sha256: "70b8dd70fa3600bfce66ab529eebb804e1f9d7c863d2f71bc8fe9fc7a1ec3976",
  },
  {
    name: "nvidia-cublas-cu12",
    version: "12.5.3.2",
    sha256: "ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b",
  },
  {
    name: "nvidia-cuda-cupti-cu12",
    version: "12.5.82",
    sha256: "bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953",
  },
  {
    name: "nvidia-cuda-nvcc-cu12",
    version: "12.5.82",
    sha256: "b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0",
  },
  {
    name: "nvidia-cuda-nvrtc-cu12",
    version: "12.5.82",
    sha256: "3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd",
  },
  {
    name: "nvidia-cuda-runtime-cu12",
    version: "12.5.82",
    sha256: "3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115",
  },
  {
    name: "nvidia-cudnn-cu12",
    version: "9.3.0.75",
    sha256: "9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d",
  },
  {
    name: "nvidia-cufft-cu12",
    version: "11.2.3.61",
    sha256: "9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8",
  },
  {
    name: "nvidia-curand-cu12",
    version: "10.3.6.82",
    sha256: "2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536",
  },
  {
    name: "nvidia-cusolver-cu12",
    version: "11.6.3.83",
    sha256: "93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b",
  },
  {
    name: "nvidia-cusparse-cu12",
    version: "12.5.1.3",
    sha256: "016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752",
  },
  {
    name: "nvidia-nccl-cu12",
    version: "2.21.5",
    sha256: "8579076d30a8c24988834445f8d633c697d42397e92ffc3f63fa26766d25e0a0",
  },
  {
    name: "nvidia-nvjitlink-cu12",
    version: "12.5.82",
    sha256: "f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212",
  },
];

/** The wheels for native TensorFlow: for the processor (about 230 MB), or with CUDA (about 3 GB). */
export function tensorFlowWheels(gpu: boolean): readonly Wheel[] {
  return gpu ? CUDA : CPU;
}

/** A requirements file for `pip --require-hashes`. */
export function requirements(wheels: readonly Wheel[]): string {
  return wheels.map(({ name, version, sha256 }) => `${name}==${version} --hash=sha256:${sha256}\n`).join("");
}
