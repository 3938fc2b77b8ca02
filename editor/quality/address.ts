/** What stands in the address behind `#characteristics/`: the list, one characteristic with one of its sides and perhaps one of its points, or one of the pages beside the list. */
export const SIDES = ['chart', 'capability', 'measurements', 'limits', 'settings'] as const
export type Side = (typeof SIDES)[number]

export type Place = { kind: 'list' } | { kind: 'new' | 'import' | 'catalogue' } | { kind: 'one'; id: string; side: Side; subgroup: number | undefined }

export function charPlaceOf(place: string): Place {
  const [first = '', second = '', third = ''] = place.split('/')
  if (first === '') return { kind: 'list' }
  if (first === 'new' || first === 'import' || first === 'catalogue') return { kind: first }
  const subgroup = Number(third)
  return {
    kind: 'one',
    id: decodeURIComponent(first),
    side: SIDES.find((side) => side === second) ?? 'chart',
    subgroup: Number.isInteger(subgroup) && subgroup > 0 ? subgroup : undefined,
  }
}

/** The place of one characteristic, for the address of this section. */
export const charPlace = (id: string, side: Side = 'chart', subgroup?: number): string =>
  `${encodeURIComponent(id)}${side === 'chart' && subgroup === undefined ? '' : `/${side}`}${subgroup === undefined ? '' : `/${subgroup}`}`
