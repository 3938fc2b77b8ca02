/** A transform while a person fills it in. No DOM. */
import type { HeightMap, ProgramTransform } from '../../../server/api/motion.ts'
import type { Num } from '../../shared/number-field.tsx'

export interface TransformDraft {
  kind: ProgramTransform['kind']
  by: Num[]
  angle: Num
  about: Num[]
  axis: 'X' | 'Y'
  at: Num
  factor: Num[]
  tolerance: Num
  dropsWords: boolean
  mergesLines: boolean
  fitsArcs: boolean
  map: HeightMap | undefined
  mapName: string
}

/** @returns what the API takes; nothing while a number is missing or it would change nothing */
export function transformOf(draft: TransformDraft): ProgramTransform | undefined {
  const all = (values: readonly Num[]) => (values.some((value) => value === '') ? undefined : (values as number[]))
  switch (draft.kind) {
    case 'offset': {
      const by = all(draft.by)
      return by?.some((value) => value !== 0) ? { kind: 'offset', byMm: by as [number, number, number] } : undefined
    }
    case 'rotate': {
      const about = all(draft.about.slice(0, 2))
      return about && draft.angle !== '' && draft.angle % 360 !== 0 ? { kind: 'rotate', angleDeg: draft.angle, aboutMm: about as [number, number] } : undefined
    }
    case 'mirror':
      return draft.at === '' ? undefined : { kind: 'mirror', axis: draft.axis, atMm: draft.at }
    case 'scale': {
      const factor = all(draft.factor)
      const about = all(draft.about)
      return factor && about && factor.every((value) => value > 0) && factor.some((value) => value !== 1)
        ? { kind: 'scale', factor: factor as [number, number, number], aboutMm: about as [number, number, number] }
        : undefined
    }
    case 'optimise':
      return draft.tolerance === '' || draft.tolerance > 0.5 || !(draft.dropsWords || draft.mergesLines || draft.fitsArcs)
        ? undefined
        : {
            kind: 'optimise',
            toleranceMm: draft.tolerance,
            dropsRedundantWords: draft.dropsWords,
            mergesLines: draft.mergesLines,
            fitsArcs: draft.fitsArcs,
          }
    case 'level':
      return draft.map && draft.tolerance !== '' && draft.tolerance > 0 ? { kind: 'level', map: draft.map, toleranceMm: draft.tolerance } : undefined
    default:
      return draft.kind satisfies never
  }
}

const ENDINGS: Record<TransformDraft['kind'], string> = {
  offset: 'moved',
  rotate: 'turned',
  mirror: 'mirrored',
  scale: 'scaled',
  optimise: 'optimised',
  level: 'levelled',
}

/** `part.nc` becomes `part-moved.nc`. */
export function newName(name: string, kind: TransformDraft['kind']): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? `${name.slice(0, dot)}-${ENDINGS[kind]}${name.slice(dot)}` : `${name}-${ENDINGS[kind]}`
}

/**
 * A height map out of a file: the map alone, or the result of a probing cycle that holds one.
 * @throws Error when it is none
 */
export function readHeightMap(text: string): HeightMap {
  const found: unknown = JSON.parse(text)
  const inside = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? 'heightsMm' in value
        ? value
        : 'heightMap' in value
          ? value.heightMap
          : 'probe' in value
            ? inside(value.probe)
            : undefined
      : undefined
  const map = inside(found) as HeightMap | undefined
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite)
  if (!map || !isPair(map.minMm) || !isPair(map.maxMm) || !Array.isArray(map.heightsMm) || map.heightsMm.length !== map.columns * map.rows)
    throw new Error('no height map')
  return map
}
