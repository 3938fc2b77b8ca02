/** Palette categories of Node-RED and ours, and the family colour each is drawn with (`--cw-family-…` in tokens.css). */

/** Every family colour. */
export const FAMILY_COLOURS = [
  'motion',
  'triggers',
  'jobs',
  'orchestration',
  'macros',
  'data',
  'quality',
  'erp',
  'mes',
  'cadcam',
  'script',
  'operator',
  'core',
  'dashboard',
  'other',
] as const
export type FamilyColour = (typeof FAMILY_COLOURS)[number]

// Node-RED's own categories (@node-red/nodes: the `category` of each registerType) and Dashboard's
const OF_CATEGORY: Record<string, FamilyColour> = {
  common: 'core',
  function: 'script',
  network: 'data',
  sequence: 'data',
  parser: 'macros',
  storage: 'cadcam',
  subflow: 'macros',
  subflows: 'macros',
  'dashboard 2': 'dashboard',
}

/** The colour of a family or category, whatever its spelling. */
export function familyOf(category: string): FamilyColour {
  const name = category.trim().toLowerCase()
  const known = FAMILY_COLOURS.find((colour) => colour === name)
  return known ?? OF_CATEGORY[name] ?? (name.startsWith('dashboard') ? 'dashboard' : 'other')
}
