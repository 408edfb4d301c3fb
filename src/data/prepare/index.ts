export { type Arranged, type ArrangeOptions, arrange, measureBlocks, type Split, type SplitSize } from './arrange.ts'
