/** New programs from old ones, each with the proof that its path is right. */
export { TransformFailed } from './failure.ts'
export { checkHeightMap, heightAt, isInsideMap } from './height-map.ts'
export { type TransformOptions, type TransformResult, transformProgram, transformProgramSync } from './transform-program.ts'
