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
export { describeFile, type FileDescription } from './describe-file.ts'
export { type ExportFolderOptions, exportFolder, type FolderType, folderTypes } from './export-folder.ts'
export { type ExportGgufOptions, exportGguf, type GgufFileType, ggufFileTypes } from './export-gguf.ts'
export { exportLlama2c } from './export-llama2c.ts'
export { exportLlmc } from './export-llmc.ts'
export { FileError, fileError, fileFolder, makeFolder, readRange, writeAtomically } from './files.ts'
export { makeFolderAtomically, removeFolder } from './folders.ts'
export { type Host, type HostOptions, hostHandler } from './http-host.ts'
export { downloadModel, type HubModel, type HubOptions, type HubProgress, parseHubName } from './hub.ts'
export { defaultCacheFolder } from './inputs/cache-folder.ts'
export { fingerprint } from './inputs/fingerprint.ts'
export type { Input } from './inputs/input.ts'
export { type ListOptions, listInputs } from './inputs/list-inputs.ts'
export { NetworkError, type NetworkOptions } from './inputs/network.ts'
export { type OpenOptions, openInput } from './inputs/open-input.ts'
export type { OpenInput } from './inputs/open-source.ts'
export { loadPlainWeights, loadWeights } from './load-weights.ts'
export { plainWeight } from './make-source.ts'
export type { ModelSource } from './model-source.ts'
export { type OpenModelOptions, openModelSource } from './open-model-source.ts'
export { loadPublished, type PublishedOptions, savePublished } from './published-weights.ts'
export { exportQuantizedFolder } from './quantized-folder.ts'
export { type Expected, loadTensors, saveTensors, type Tensors } from './tensors-file.ts'
export { openTokenizer, saveTokenizer } from './tokenizer-files.ts'
