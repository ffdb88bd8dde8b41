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

// How a network is trained.
export { learningRate, type TrainConfig, trainConfig, validateTrainConfig } from "./config.ts";
export type { Range, Setting, Settings, ValuesOf } from "./setting.ts";
export {
  LOSSES,
  PRECISIONS,
  SAMPLE_SETTINGS,
  type SampleSetting,
  type SettingName,
  SETTINGS,
  type SettingValues,
} from "./settings.ts";

// Training data.
export { findTrainingData, type TrainingData, type TrainingDataOptions } from "./data/training_data.ts";
export { findValidationPairs, type ValidationPairsOptions } from "./data/validation_pairs.ts";
export {
  BLUR_KINDS,
  type BlurKind,
  listPairs,
  type ListPairsOptions,
  type PairFiles,
  readPair,
  type TrainingPair,
} from "./data/pair_files.ts";
export { readPicture } from "./data/picture_file.ts";
export type { SequencePair } from "./data/sequence_pairs.ts";

// Batches.
export type { Batch, NeighbourBatch } from "./batch/batch.ts";
export { assembleBatch, type BatchConfig } from "./batch/assemble_batch.ts";
export { makeSample, type SampleConfig, type TrainingPictures } from "./batch/make_sample.ts";
export type { Sample, SampleNeighbour } from "./batch/sample.ts";

// The run, and what it leaves.
export { type StepMetrics, train, type TrainOptions } from "./run/train.ts";
export {
  planResumed,
  planTraining,
  type TrainingPlan,
  type TrainingPlanOptions,
} from "./run/training_plan.ts";
export {
  type Checkpoint,
  type Moments,
  readCheckpoint,
  type RunPoint,
  writeCheckpoint,
} from "./run/checkpoint.ts";
export { type EarlierTraining, earlierTraining } from "./run/earlier_training.ts";
export type { Precision } from "./graph/graph_ops.ts";
export type { ChosenPrecision } from "./run/open_learner.ts";
export { RunFolder, type RunFolderOptions } from "./report/run_folder.ts";
export { TensorBoard } from "./report/tensorboard.ts";
export { type MetricsLine, trainingCurve } from "./report/training_curve.ts";
export { validate, type Validation } from "./report/validate.ts";
export { loadTensorFlow, TRAIN_DEVICES, type TrainDevice } from "./tensorflow/tensorflow.ts";

// Tuning on a clip.
export { type Tuned, type TunedWeights, tuneOn, type TuneOptions } from "./tune/tune_on.ts";
export type { SurveyOptions } from "./tune/survey_clip.ts";

// Synthesis of pairs.
export { synthesizeFootage } from "./synth/synthesize_footage.ts";
export { synthesizePhotos, type SynthPhotosOptions } from "./synth/synthesize_photos.ts";
export {
  SYNTH_DEFAULTS,
  SYNTH_MODES,
  SYNTH_SETTINGS,
  type SynthMode,
  type SynthOptions,
  type SynthProgress,
  type SynthSettings,
} from "./synth/synth_options.ts";
export type { ExposureRecipe, SynthPair } from "./synth/exposure.ts";
export type { SynthManifest, SynthManifestPair, SynthSource } from "./synth/synth_manifest.ts";
export {
  rebuildFolder,
  type RebuildFolderOptions,
  type RebuildOptions,
  rebuildPair,
} from "./synth/rebuild_pairs.ts";

// The virtual camera.
export { blurCrop, type BlurCropOptions, type BlurredCrop } from "./camera/blur_crop.ts";
export { type Gamma, GAMMAS } from "./camera/light.ts";
export type { SensorNoise } from "./camera/sensor_noise.ts";
export { type VirtualVideoOptions, writeVirtualVideo } from "./camera/virtual_video.ts";

// Evaluation.
export { calibrate, type CalibrateOptions } from "./calibrate/calibrate.ts";
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
