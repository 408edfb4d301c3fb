export { type BackendOptions, nativeRefusal, openBackend } from './backend.ts'
export {
  type CheckpointContents,
  latestCheckpoint,
  loadTensors,
  pruneCheckpoints,
  readJson,
  saveCheckpoint,
  saveTensors,
} from './checkpoint.ts'
export { FileError, fileFolder, readRange, writeAtomically } from './files.ts'
export { makeFolderAtomically } from './folders.ts'
export { noText, openSources, readText, type SourceOptions, type Sources } from './read-sources.ts'
export { openTokenizer, saveTokenizer } from './tokenizer-files.ts'
