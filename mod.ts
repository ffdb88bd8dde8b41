/**
 * Restores motion-blurred video with a multi-scale two-way deblurring network.
 *
 * ```ts
 * import { createOutput, deblur, openEngine, openMedia, shippedWeights } from "./mod.ts";
 *
 * await using source = await openMedia("clip.mp4");
 * await using sink = await createOutput("clip.deblurred.mp4", { source: source.info });
 * await using engine = await openEngine({ weights: shippedWeights("fast-video"), alone: shippedWeights("fast") });
 * await deblur(source, sink, engine);
 * ```
 *
 * @module
 */
export { deblur, type DeblurOptions, type DeblurReport, judgeOptionsFor } from "./src/deblur.ts";
export { deblurStream, type DeblurStreamOptions } from "./src/deblur_stream.ts";
export type { RestoreFrameOptions } from "./src/restore_frame.ts";
export { estimateJob, type EstimateJobOptions, type JobEstimate } from "./src/estimate_job.ts";
export {
  ClosedPipeError,
  DamagedMediaError,
  EngineError,
  FFmpegError,
  MediaError,
  OptionError,
  UsageError,
  WeightsError,
} from "./src/errors.ts";
export type {
  Frame,
  FrameSink,
  FrameSource,
  HdrMetadata,
  MediaInfo,
  Picture,
  SampleFormat,
} from "./src/frame.ts";
export { createOutput, openLive, openMedia, readFrameTimes } from "./src/lazy_media.ts";
export type { Region } from "./src/crop_picture.ts";
export {
  isPreset,
  type NetworkConfig,
  type Preset,
  PRESETS,
  sizeMultiple,
  validateConfig,
} from "./src/model/network/config.ts";
export { type JudgedFrame, judgeFrames, type JudgeFramesOptions } from "./src/judge_frames.ts";
export { type AutoCandidate, autoDevices } from "./src/model/engine/auto_devices.ts";
export {
  checkDevices,
  type CheckDevicesOptions,
  type DeviceCheck,
} from "./src/model/engine/check_devices.ts";
export { describeNetwork, type NetworkDescription, type TensorSpec } from "./src/model/network/count_ops.ts";
export {
  AUTOMATIC_DEVICES,
  type Device,
  DEVICE_CHOICES,
  type DeviceChoice,
  type DeviceInfo,
  DEVICES,
  type Engine,
  isDevice,
  isPrecision,
  type Neighbours,
  type Precision,
  type PrecisionChoice,
  precisionOf,
  PRECISIONS,
  type Restored,
  type RestoreOptions,
} from "./src/model/engine/engine.ts";
export { exportOnnx, type ExportOnnxOptions } from "./src/model/onnx/export_onnx.ts";
export { mtdn, type Neighbour, type ScaleOutput } from "./src/model/network/network.ts";
export {
  CHANNEL_ORDERS,
  type ChannelOrder,
  type ExternalNetwork,
  type GraphFindings,
} from "./src/model/external/external_network.ts";
export { readNetwork, type ReadNetworkOptions } from "./src/model/external/read_network.ts";
export { openEngine, type OpenEngineOptions } from "./src/model/engine/open_engine.ts";
export type { ConvSpec, Ops } from "./src/model/network/ops.ts";
export type { StrengthGrid } from "./src/model/restore/strength.ts";
export type { TensorData } from "./src/model/weights/safetensors.ts";
export { type Calibration, calibrationPath } from "./src/model/weights/calibration.ts";
export { shippedPresets, shippedWeights } from "./src/model/weights/shipped_weights.ts";
export {
  parseWeights,
  presetOf,
  readBareWeights,
  readWeights,
  serializeWeights,
  type Weights,
  type WeightsToWrite,
} from "./src/model/weights/weights.ts";
export type { Progress } from "./src/progress.ts";
export type { FrameTimes } from "./src/only_times.ts";
export { sideBySide } from "./src/side_by_side.ts";
export type { CreateOutputOptions } from "./src/stream/create_output.ts";
export { mapFrames, type MapFramesOptions } from "./src/stream/map_frames.ts";
export { isLiveAddress, shownAddress } from "./src/stream/live/live_address.ts";
export type { LiveSource, OpenLiveOptions } from "./src/stream/live/open_live.ts";
export type { OpenMediaOptions } from "./src/stream/open_media.ts";
export { PIPE_FORMATS, type PipeFormat } from "./src/stream/pipe_formats.ts";
export { untilDamage } from "./src/stream/until_damage.ts";
export type { SinkOptions } from "./src/stream/sink_options.ts";
export { type Verification, VERIFICATIONS } from "./src/stream/verification.ts";
export { type Deinterlacing, DEINTERLACINGS } from "./src/stream/source_options.ts";
export type { SourceOptions } from "./src/stream/source_options.ts";
export { VIDEO_CODECS, type VideoCodec } from "./src/stream/video_codecs.ts";
