/**
 * Training, fine-tuning, synthesis and evaluation of the networks that the library runs.
 *
 * ```ts ignore
 * import { listPairs, train, trainConfig } from "@mtdn/deblur/train";
 *
 * const pairs = await listPairs("footage");
 * await train({ ...trainConfig("smoke"), steps: 100 }, {
 *   data: { pairs, photos: [] },
 *   directory: "run",
 *   device: "javascript",
 * });
 * ```
 *
 * @module
 */
export type { Picture } from "../frame.ts";
export { type NetworkConfig, type Preset, PRESETS } from "../model/network/config.ts";
export {
  type Device,
  DEVICES,
  type Engine,
  type Restored,
  type RestoreOptions,
} from "../model/engine/engine.ts";
export type { TensorFlow, WeightTensors } from "../model/tfjs/tfjs_ops.ts";
export type { Batch, NeighbourBatch } from "./batch/batch.ts";
export { assembleBatch, type BatchConfig } from "./batch/assemble_batch.ts";
export {
  makeSample,
  type SampleConfig,
  type SequencePair,
  type TrainingPair,
  type TrainingPictures,
} from "./batch/make_sample.ts";
export type { Sample, SampleNeighbour } from "./batch/sample.ts";
export type { Precision } from "./graph/graph_ops.ts";
export type { ChosenPrecision } from "./run/open_learner.ts";
export {
  type Checkpoint,
  type Moments,
  readCheckpoint,
  type RunPoint,
  writeCheckpoint,
} from "./run/checkpoint.ts";
export { learningRate, type TrainConfig, trainConfig, validateTrainConfig } from "./config.ts";
export {
  LOSSES,
  PRECISIONS,
  type SampleSetting,
  type Setting,
  type SettingName,
  SETTINGS,
  type SettingValues,
} from "./settings.ts";
export {
  type BlurKind,
  listPairs,
  type ListPairsOptions,
  type PairFiles,
  readPair,
  readPicture,
} from "./data/pair_files.ts";
export {
  evaluate,
  type EvaluateOptions,
  type EvaluatePairsOptions,
  evaluateTrajectories,
  type Evaluation,
  type Flicker,
  type PictureQuality,
  type Quality,
} from "./evaluate/evaluate.ts";
export { listTrajectories, type ListTrajectoriesOptions, type TrajectoryFiles } from "./evaluate/koehler.ts";
export { psnr, ssim } from "./evaluate/metrics.ts";
export { type EarlierTraining, earlierTraining } from "./run/earlier_training.ts";
export { RunFolder, type RunFolderOptions } from "./report/run_folder.ts";
export { synthesizeFootage, synthesizePhotos, type SynthPhotosOptions } from "./synth/synth.ts";
export type { ExposureRecipe, SynthPair } from "./synth/exposure.ts";
export type { SensorNoise } from "./synth/sensor_noise.ts";
export type { Gamma } from "./synth/light.ts";
export {
  type Range,
  SYNTH_MODES,
  type SynthMode,
  type SynthOptions,
  type SynthProgress,
} from "./synth/synth_options.ts";
export type { SynthManifest, SynthManifestPair, SynthSource } from "./synth/synth_manifest.ts";
export { rebuildFolder, type RebuildFolderOptions } from "./synth/rebuild_folder.ts";
export { rebuildPair } from "./synth/rebuild_pair.ts";
export type { RebuildOptions } from "./synth/rebuild_pairs.ts";
export { openTensorBoard, type TensorBoard } from "./tensorflow/tensorboard.ts";
export { loadTensorFlow, TRAIN_DEVICES, type TrainDevice } from "./tensorflow/tensorflow.ts";
export {
  planResumed,
  planTraining,
  type TrainingPlan,
  type TrainingPlanOptions,
} from "./run/training_plan.ts";
export { type StepMetrics, train, type TrainOptions } from "./run/train.ts";
export { type MetricsLine, trainingCurve } from "./report/training_curve.ts";
export { findTrainingData, type TrainingData, type TrainingDataOptions } from "./data/training_data.ts";
export { findValidationPairs, type ValidationPairsOptions } from "./data/validation_pairs.ts";
export { validate, type Validation } from "./report/validate.ts";
export { blurCrop, type BlurCropOptions, type BlurredCrop } from "./synth/blur_crop.ts";
export { type VirtualVideoOptions, writeVirtualVideo } from "./synth/virtual_video.ts";
