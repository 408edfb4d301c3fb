export { type AdamwOptions, adamw, type Optimizer } from './adamw.ts'
export { type CosineOptions, constantRate, cosine, type Schedule } from './schedule.ts'
