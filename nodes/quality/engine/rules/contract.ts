/** What a run rule is, the conventions in which books and programs differ, and what a rule says of a point. */

export const NELSON_RULES = ['nelson-1', 'nelson-2', 'nelson-3', 'nelson-4', 'nelson-5', 'nelson-6', 'nelson-7', 'nelson-8'] as const
export const WESTERN_ELECTRIC_RULES = ['western-electric-1', 'western-electric-2', 'western-electric-3', 'western-electric-4'] as const

/** `beyond-limits` is the only test of an EWMA or CUSUM chart, and always on there: its neighbouring points depend on one another, so that runs mean nothing. */
export type RuleId = (typeof NELSON_RULES)[number] | (typeof WESTERN_ELECTRIC_RULES)[number] | 'beyond-limits'

/** Every convention in which sources differ; the defaults are those of Nelson (1984) and of the Western Electric handbook (1956). */
export interface RuleOptions {
  /** Which rules are tested. @defaultValue `['nelson-1']` */
  on: readonly RuleId[]
  /** `strict`: a point on a line is not beyond it. `inclusive`: it is. For limits and for zones. @defaultValue `strict` */
  beyond: 'strict' | 'inclusive'
  /** Points in a row on one side of the center: 9 (Nelson), 8 or 7 (AIAG) are in use. @defaultValue 9 */
  nelson2Length: number
  /** Points in a row that all rise or all fall. @defaultValue 6 */
  nelson3Length: number
  /** Points in a row that go up and down in turn. @defaultValue 14 */
  nelson4Length: number
  /** Points in a row within one sigma of the center. @defaultValue 15 */
  nelson7Length: number
  /** Points in a row beyond one sigma. @defaultValue 8 */
  nelson8Length: number
  /** `both`: the row of rule 8 has points on both sides of the center (Nelson); `either`: it may also be all on one side. @defaultValue `both` */
  nelson8Sides: 'both' | 'either'
  /** Points in a row on one side of the center. @defaultValue 8 */
  westernElectric4Length: number
  /** For 2 of 3 and 4 of 5 points: `beyond` flags a point only if it is beyond the zone itself; `window` flags whichever point completes the window. @defaultValue `beyond` */
  zoneFlags: 'beyond' | 'window'
  /** 2 of 3 after only two points, 4 of 5 after four: `partial` flags them, as nothing that follows could undo it; `full` waits for three and five. @defaultValue `partial` */
  zoneWindows: 'partial' | 'full'
  /** Where subgroups have unequal sizes: zones of the point's own size (`local`), or of the mean size of the phase (`mean-size`). @defaultValue `local` */
  zones: 'local' | 'mean-size'
  /** Rules that count in zones (Nelson 5 to 8, Western Electric 2 and 3) suppose a symmetric distribution: only means and individuals, or every chart. @defaultValue `symmetric` */
  zoneRulesOn: 'symmetric' | 'every-chart'
  /** Whether a place without a value ends every run; otherwise runs go on as if the place were not there. @defaultValue true */
  restartsAtMissing: boolean
  /** The same for an excluded point. @defaultValue true */
  restartsAtExcluded: boolean
}

/** A rule that holds at a point. Indices count all subgroups of the chart, from 0. */
export interface Signal {
  rule: RuleId
  /** The point that completes the pattern. */
  at: number
  /** The first point of the pattern; the pattern is `from` to `at`, where 2 of 3 and 4 of 5 leave out what is not beyond the zone on `side`. In a CUSUM: the point after the sum was last zero. */
  from: number
  /** Where the pattern lies; a rising trend is `upper`. None for rules that look at both sides together. */
  side?: 'upper' | 'lower'
}
