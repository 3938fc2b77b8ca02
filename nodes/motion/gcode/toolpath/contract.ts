/**
 * A toolpath as it is drawn: one long line of vertices in chunks of typed arrays (17 bytes a vertex), that threads hand
 * over without copying and a graphics card takes as they are. Millimetres.
 */

/** How the segment that ends in a vertex is moved. `jump` is not moved at all: the drawing goes on elsewhere. */
export const SEGMENT_KINDS = ['rapid', 'feed', 'arc', 'probe', 'jump'] as const
export type SegmentKind = (typeof SEGMENT_KINDS)[number]

/** Most vertices of a chunk: they can be counted in 16 bits. */
export const CHUNK_VERTICES = 65_535

export interface ToolpathChunk {
  /** Vertices; the first repeats the last one of the chunk before. */
  count: number
  /** x, y, z of each vertex. */
  positions: Float32Array
  /** Source line of the segment that ends in the vertex. */
  lines: Uint32Array
  /** Index into {@link SEGMENT_KINDS} of the segment that ends in the vertex. */
  kinds: Uint8Array
}

export interface ToolpathLevel {
  /** No point of the true path is farther than this from the drawn one. */
  toleranceMm: number
  segments: number
  chunks: ToolpathChunk[]
}

export interface ToolpathBox {
  min: [number, number, number]
  max: [number, number, number]
}

/** A place where the program waits for something. */
export interface ToolpathMark {
  kind: 'tool-change' | 'stop'
  line: number
  tool: number
  atMm: [number, number, number]
}

/** Plain data, made for `postMessage`. */
export interface Toolpath {
  /** Coordinates of the drawing: the machine's, or those of the work offset in force at each move. */
  frame: 'machine' | 'work'
  /** Finest first. The second one, where there is one, is for moving the picture while the finest is too much. */
  levels: ToolpathLevel[]
  /** Absent without a move. */
  bounds?: ToolpathBox
  /** Without rapids; absent when nothing is cut. */
  cuttingBounds?: ToolpathBox
  /** The first 1000. */
  marks: ToolpathMark[]
  /** Lines only ever go up: no loops, no subprograms. */
  isTopDown: boolean
}
