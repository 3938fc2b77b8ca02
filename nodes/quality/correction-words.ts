/** What a correction says: one line for a card, and what stands under it. */
import type { CorrectedOffset, CorrectionNow } from './services.ts'

/** What the node was set to. */
export interface Asked {
  offset: CorrectedOffset
  /** Percent. */
  confidence: string
  least: number
  points: 'machine' | 'all'
  deadBandMm: number
  largestStepMm: number
  largestSumMm: number
}

/** A line of a card has at most so many characters. */
const LONGEST = 200

const figure = (mm: number): string => mm.toFixed(3).replace(/^-(0\.000)$/, '$1')
const signed = (mm: number): string => `${mm > 0 ? '+' : ''}${figure(mm)}`

/** `text`: what a status and a card show. `details`: what it rests on. */
export function inWords(answer: CorrectionNow, asked: Asked): { text: string; details: string } {
  const text = short(answer, asked)
  return { text: text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text, details: restsOn(answer, asked).join(' ') }
}

function short({ verdict, why, name, byMm = 0, fromMm, toMm, wantedMm = 0, points = 0, since, drift }: CorrectionNow, asked: Asked): string {
  const { offset, least, largestStepMm, largestSumMm, deadBandMm } = asked
  const { machineId, workOffset, axis, tool } = offset
  const place = `${workOffset} ${axis}`
  const at = since ? ` of ${since.slice(0, 16).replace('T', ' ')} UTC` : ''
  switch (verdict) {
    case 'propose': {
      const figures = typeof fromMm === 'number' && typeof toMm === 'number' ? ` (${figure(fromMm)} to ${figure(toMm)})` : ''
      return `${machineId}: move ${place} by ${signed(byMm)} mm${figures}${tool === undefined ? '' : ` for ${tool}`}? ${name}`
    }
    case 'beyond':
      return why === 'sum'
        ? `${name}: ${signed(wantedMm)} mm more in ${place} would be beyond the largest sum of ${figure(largestSumMm)} mm: change the tool`
        : `${name}: ${signed(wantedMm)} mm in ${place} is beyond the largest step of ${figure(largestStepMm)} mm: look at the tool`
    case 'nothing':
      switch (why) {
        case 'too-few':
          return `${name}: ${points} of ${least} points${asked.points === 'machine' ? ` of parts of ${machineId}` : ''}`
        case 'noise':
          return `${name}: a drift of ${signed(drift?.valueMm ?? 0)} mm cannot be told from noise`
        case 'dead-band':
          return `${name}: a drift of ${signed(drift?.valueMm ?? 0)} mm is within the dead band of ${figure(deadBandMm)} mm`
        case 'too-small':
          return `${name}: a drift of ${signed(drift?.valueMm ?? 0)} mm is finer than the offset can be set`
        case 'open':
          return `${name}: the proposal${at} for ${place} has no answer yet`
        case 'not-seen':
          return `${name}: the correction${at} was told as set, but ${place} of ${machineId} is where it was`
        default:
          return `${name}: nothing to do`
      }
    default:
      return verdict satisfies never
  }
}

function restsOn({ verdict, drift, sumMm, toMm, isLimited }: CorrectionNow, { offset, confidence, largestSumMm, largestStepMm }: Asked): string[] {
  const { machineId, workOffset, tool } = offset
  const about = drift
    ? [`Drift from nominal ${signed(drift.valueMm)} mm (${confidence} %: ${signed(drift.lowerMm)} to ${signed(drift.upperMm)}), from ${drift.points} points.`]
    : []
  const sum = `${signed(sumMm)} mm of at most ${figure(largestSumMm)} mm`
  if (verdict !== 'propose') return [...about, `Corrected since it began anew: ${sum}.`]
  return [
    ...about,
    `With this one, corrected since it began anew: ${sum}.`,
    ...(isLimited ? [`More would be needed: this is the largest step, ${figure(largestStepMm)} mm.`] : []),
    ...(tool === undefined
      ? []
      : [`Meant for ${tool}. Tool tables are not set from here: the work offset is moved instead, and with it every tool that works in ${workOffset}.`]),
    ...(toMm === null ? [`${machineId} does not tell its offsets: enter it at the control.`] : []),
  ]
}
