/** What of quality nodes pick: promotions, templates and the check before a deploy name these alike. */

/** `inspection-plan`: by the part that it is for; the others by their id. */
export const QUALITY_PICKS = ['quality-characteristic', 'sampling-plan', 'gage-study', 'inspection-plan'] as const
export type QualityPick = (typeof QUALITY_PICKS)[number]
