/** The path of a program, for drawing. */
export { createToolpath, type ToolpathCollector, type ToolpathOptions } from './collect.ts'
export {
  CHUNK_VERTICES,
  SEGMENT_KINDS,
  type SegmentKind,
  type Toolpath,
  type ToolpathBox,
  type ToolpathChunk,
  type ToolpathLevel,
  type ToolpathMark,
} from './contract.ts'
export { segmentIndex, segmentsOfLine, transferables, verticesDone } from './draw.ts'
