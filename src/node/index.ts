export { type BackendOptions, openBackend } from './backend.ts'
export {
  type CheckpointContents,
  latestCheckpoint,
  loadTensors,
  pruneCheckpoints,
  readJson,
  saveCheckpoint,
  saveTensors,
} from './checkpoint.ts'
export { makeFolderAtomically } from './folders.ts'
