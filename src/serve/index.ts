export { ApiError } from './api-error.ts'
export type { ServedModel } from './served-model.ts'
export { type ServerOptions, server } from './server.ts'
