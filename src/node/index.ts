export { type BackendOptions, nativeRefusal, openBackend } from './backend.ts'
export {
  bestCheckpoint,
  type CheckpointContents,
  type CheckpointPosition,
  checkpointPath,
  checkpointSteps,
  latestCheckpoint,
  markBest,
  readJson,
  writePosition,
} from './checkpoint.ts'
export {
  type CheckpointWriter,
  type CheckpointWriterOptions,
  checkpointWriter,
  type WrittenCheckpoint,
} from './checkpoint-writer.ts'
export { FileError, fileError, fileFolder, makeFolder, readRange, writeAtomically } from './files.ts'
export { makeFolderAtomically, removeFolder } from './folders.ts'
export { defaultCacheFolder } from './inputs/cache-folder.ts'
export { fingerprint } from './inputs/fingerprint.ts'
export type { Input } from './inputs/input.ts'
export { type ListOptions, listInputs } from './inputs/list-inputs.ts'
export { NetworkError, type NetworkOptions } from './inputs/network.ts'
export { type OpenOptions, openInput } from './inputs/open-input.ts'
export type { OpenInput } from './inputs/open-source.ts'
export { cleaningOf } from './prepare/cleaning.ts'
export { type Cluster, type Deduped, type DedupeOptions, dedupe } from './prepare/dedupe.ts'
export { learnJudges, readJudges } from './prepare/judges.ts'
export { type Prepared, type PrepareOptions, type PrepareProgress, prepare } from './prepare/prepare.ts'
export { noText, openSources, readText, type SourceOptions, type Sources } from './read-sources.ts'
export { type Expected, loadTensors, saveTensors, type Tensors } from './tensors-file.ts'
export { openTokenizer, saveTokenizer } from './tokenizer-files.ts'
